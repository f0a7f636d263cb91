import { canonical, sha256 } from '../../shared/record/canonical.ts';
import { jsonOf, type Line } from '../folder/lines.ts';
import type { Leaf } from '../pass/leaf.ts';
import type { CsvRecord } from './csv.ts';

/** What a row has beside the fields of the entry. */
const beside = ({ index, text }: Leaf): Record<string, unknown> => ({
  index,
  bytes: text,
  hash: sha256(text),
});

/** The fields that a row has to have where its entry has them; it may have more of the entry's. */
const SHOWN = [
  ...[
    'index',
    'stream',
    'sequence',
    'eventId',
    'commandId',
    'action',
    'outcome',
    'code',
    'actor',
    'onBehalfOf',
  ],
  ...['target', 'claimedAt', 'recordedAt', 'reasonCode', 'changes', 'bytes', 'hash'],
];

/** What is wrong with a line of JSON that should be this entry; null where nothing is. */
export function jsonFault(line: Line, leaf: Leaf): string | null {
  const json = jsonOf(line);
  if ('fault' in json) return json.fault;
  const row = json.value as Record<string, unknown> | null;
  if (row === null || typeof row !== 'object') return 'is no row';
  if (row['index'] !== leaf.index)
    return `is entry ${row['index']}, the query gives entry ${leaf.index} here`;
  const expected = { ...leaf.entry, ...beside(leaf) } as Record<string, unknown>;
  const lacking = SHOWN.find((name) => expected[name] !== undefined && !Object.hasOwn(row, name));
  if (lacking !== undefined) return `lacks ${lacking}`;
  for (const [name, value] of Object.entries(row))
    if (expected[name] === undefined || canonical(value) !== canonical(expected[name]))
      return `shows another ${name} than entry ${leaf.index} of the log`;
  return null;
}

/** The same of a record of CSV under its header. */
export function csvFault(record: CsvRecord, columns: readonly string[], leaf: Leaf): string | null {
  if ('fault' in record) return record.fault;
  const { cells } = record;
  if (cells.length !== columns.length) return `has ${cells.length} cells under ${columns.length} columns`;
  const expected = { ...leaf.entry, ...beside(leaf) } as Record<string, unknown>;
  if (!columns.includes('index') || !columns.includes('bytes')) return 'lacks the columns index and bytes';
  for (const [at, column] of columns.entries()) {
    const should = cellOf(valueAt(expected, column));
    if (cells[at] === should) continue;
    return column === 'index'
      ? `is entry ${cells[at]}, the query gives entry ${leaf.index} here`
      : `shows another ${column} than entry ${leaf.index} of the log`;
  }
  return null;
}

/** `actor.id` is the field `id` of the field `actor`. */
const valueAt = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((inner, name) => {
    const isObject = inner !== null && typeof inner === 'object' && Object.hasOwn(inner, name);
    return isObject ? (inner as Record<string, unknown>)[name] : undefined;
  }, value);

/** As the product writes it: lists and objects as JSON, and an apostrophe before what a spreadsheet would take for a formula. */
function cellOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}
