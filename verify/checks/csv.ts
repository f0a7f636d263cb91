import type { Line } from '../folder/lines.ts';

export type CsvRecord = { cells: string[] } | { fault: string };

const MAX_CELLS = 1000;

/** The records of a CSV file (RFC 4180): cells in quotes may hold commas, quotes and line breaks. */
export function* csvRecords(lines: Iterable<Line>): Iterable<CsvRecord> {
  let open = '';
  for (const line of lines) {
    if ('fault' in line) {
      yield { fault: line.fault };
      return;
    }
    open += `${line.text}\n`;
    // Within quotes the record goes on in the next line.
    if ((open.split('"').length - 1) % 2 === 1) continue;
    yield recordOf(open);
    open = '';
  }
  if (open !== '') yield { fault: 'ends within quotes' };
}

const CELL = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n$)/y;

function recordOf(text: string): CsvRecord {
  const cells: string[] = [];
  CELL.lastIndex = 0;
  while (cells.length < MAX_CELLS) {
    const found = CELL.exec(text);
    if (!found) break;
    cells.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '');
    if (found[3] !== ',') return { cells };
  }
  return { fault: 'is no record of CSV' };
}
