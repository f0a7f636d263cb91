import type { Row, Target } from './row.ts';
import type { Spread } from './spread.ts';

const HEADINGS = ['', 'median (min … max)', 'floor', 'ratio (min … max)', 'target', ''];

/** The rows of a measurement as text, in columns. */
export function table(title: string, rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.name,
    `${spreadText(row.figure)} ${row.unit}`,
    row.floor ? `${number(row.floor.median)} ${row.floor.name}` : '',
    row.ratio ? spreadText(row.ratio) : '',
    row.target ? targetText(row.target, row.unit) : '',
    row.holds === undefined ? '' : row.holds ? 'holds' : 'MISSED',
  ]);
  const lines = [HEADINGS, ...cells];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const text = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const notes = rows.flatMap(({ name, note }) => (note ? [`  ${name}: ${note}`] : []));
  return [title, ...text, ...notes].join('\n');
}

const spreadText = ({ min, median, max }: Spread): string =>
  min === max ? number(median) : `${number(median)} (${number(min)} … ${number(max)})`;

const targetText = ({ of, is, value }: Target, unit: string): string =>
  `${is === 'at least' ? '≥' : '≤'} ${number(value)}${of === 'ratio' ? '' : ` ${unit}`}`;

function number(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}
