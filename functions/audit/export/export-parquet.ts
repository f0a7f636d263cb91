import type { RowGroup, SchemaElement } from 'hyparquet';
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer';
import { ROW_FILES } from '../../../shared/trail/export-manifest.ts';
import { COLUMNS, representEntry } from '../ask/represent.ts';
import type { Chunk, Writing } from './export-chunk.ts';
import { pulse } from './export-chunk.ts';
import type { LogFiles } from './export-leaves.ts';
import { type Asked, type Row, type Rows, rowsOf } from './export-rows.ts';

/** Columns that are not text, and those that every row has. */
const NUMBERS = new Set(['index', 'sequence', 'count']);
const TIMES = new Set(['claimedAt', 'recordedAt']);
const REQUIRED = new Set([
  ...[
    'index',
    'stream',
    'sequence',
    'action',
    'outcome',
    'actor.id',
    'actor.role',
    'target.type',
    'target.id',
  ],
  ...['claimedAt', 'recordedAt', 'observer', 'bytes', 'hash'],
]);
/** Not `bytes`: whoever reads a JSON column may write it in another way. */
const JSON_TEXTS = new Set(['changes', 'evidence', 'facts', 'finding', 'manifest']);

const SCHEMA: SchemaElement[] = [
  { name: 'entries', num_children: COLUMNS.length },
  ...COLUMNS.map(
    ([name]): SchemaElement => ({
      name,
      repetition_type: REQUIRED.has(name) ? 'REQUIRED' : 'OPTIONAL',
      ...(NUMBERS.has(name) && { type: 'INT64' }),
      ...(TIMES.has(name) && {
        type: 'INT64',
        converted_type: 'TIMESTAMP_MILLIS',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
      }),
      ...(!NUMBERS.has(name) &&
        !TIMES.has(name) && {
          type: 'BYTE_ARRAY',
          converted_type: JSON_TEXTS.has(name) ? 'JSON' : 'UTF8',
        }),
    }),
  ),
];

/** A group holds no more rows, and closes once its entries have so many bytes: what is held in memory stays the same. */
const GROUP_ROWS = 16_384;
const GROUP_BYTES = 8 * 1024 * 1024;

/** The rows as Apache Parquet, in groups. Patches are JSON texts, times are instants, indices are numbers. */
export const parquetOf = (files: LogFiles, asked: Asked): Writing => ({
  ...ROW_FILES.parquet,
  shown: true,
  async *from(position, before) {
    if (position?.[0] === END) return;
    const groups = before.kept.map(readGroup);
    let offset = before.bytes;
    let held: Row[] = [];
    let last: Rows | null = null;
    const close = (after: Rows): Chunk => {
      const written = writeGroup(offset, held);
      offset += written.bytes.length;
      groups.push(written.group);
      const chunk = {
        bytes: written.bytes,
        rows: held.length,
        after: after.after,
        progress: after.progress,
        kept: keptOf(written.group),
        learned: after.learned,
      };
      held = [];
      return chunk;
    };
    let bytes = 0;
    for await (const next of rowsOf(files, asked, position, before.learned)) {
      last = next;
      held.push(...next.rows);
      bytes += next.rows.reduce((sum, row) => sum + row.bytes.length, 0);
      if (next.after && (held.length >= GROUP_ROWS || bytes >= GROUP_BYTES)) {
        yield close(next);
        bytes = 0;
      } else yield pulse(held.length === 0 ? next.after : null, next.progress, next.learned);
    }
    if (last && held.length > 0) yield close(last);
    yield { bytes: footer(offset, groups), rows: 0, after: [END], progress: 1 };
  },
});

/** Behind the footer. No leaf and no row stands there. */
const END = -1;

/** Without a word at the start: the first group of a file is written behind its four letters. */
function writerAt(offset: number): { bytes: ByteWriter; parquet: ParquetWriter } {
  const bytes = new ByteWriter();
  const parquet = new ParquetWriter({
    writer: bytes,
    schema: SCHEMA,
    createdBy: 'followthrough',
    statistics: false,
  });
  if (offset > 0) Object.assign(bytes, { offset, index: 0 });
  return { bytes, parquet };
}

function writeGroup(offset: number, rows: readonly Row[]): { bytes: Uint8Array; group: RowGroup } {
  const { bytes, parquet } = writerAt(offset);
  const represented = rows.map(representEntry);
  const columnData = COLUMNS.map(([name, cell]): ColumnSource => {
    const cells = represented.map(cell);
    return {
      name,
      data: NUMBERS.has(name)
        ? cells.map((value) => (value == null ? undefined : BigInt(value)))
        : TIMES.has(name)
          ? cells.map((value) => new Date(String(value)))
          : JSON_TEXTS.has(name)
            ? cells.map((value) => (value == null ? undefined : JSON.parse(String(value))))
            : cells.map((value) => value ?? undefined),
      offsetIndex: false,
      // What a reader skips whole groups by.
      statistics: NUMBERS.has(name) || TIMES.has(name),
    };
  });
  void parquet.write({ columnData, rowGroupSize: rows.length });
  const [group] = parquet.row_groups;
  if (!group) throw new Error('no group was written');
  return { bytes: bytes.getBytes().slice(), group };
}

function footer(offset: number, groups: readonly RowGroup[]): Uint8Array {
  const { bytes, parquet } = writerAt(offset);
  parquet.row_groups.push(...groups);
  parquet.num_rows = groups.reduce((sum, { num_rows }) => sum + num_rows, 0n);
  void parquet.finish();
  return bytes.getBytes().slice();
}

const keptOf = (group: RowGroup): string =>
  JSON.stringify(group, (_, value: unknown) =>
    typeof value === 'bigint' ? { bigint: String(value) } : value,
  );

const readGroup = (kept: string): RowGroup =>
  JSON.parse(kept, (key, value: unknown) => {
    if (value !== null && typeof value === 'object' && 'bigint' in value) return BigInt(String(value.bigint));
    return DATES.has(key) && typeof value === 'string' ? new Date(value) : value;
  }) as RowGroup;

/** Bounds of columns; those of times are dates. */
const DATES = new Set(['min', 'max', 'min_value', 'max_value']);
