import * as z from 'zod/mini';

/**
 * What stands in the table of the trail about one entry, exactly as it is: attributes in DynamoDB's own JSON (`{"S": …}`, binary ones
 * in base64), so that a changed column shows, and a changed type. One line of `rows.jsonl`.
 */
export interface TrailRow {
  /** Its place in the log, as its log item says; null while it waits for one. */
  index: number | null;
  /** Of the entry's row; its log item stands beside it. */
  key: { pk: string; sk: string };
  /** The bytes in the entry's row; null where there is no row, or no bytes in it. */
  bytes: string | null;
  /** Whatever else is in the entry's row; nothing should be. */
  others: Attributes;
  /** The log item, every attribute of it; null where there is none. */
  item: Attributes | null;
  /** Of the evidence that the entry names, the hashes under which it is found; absent where that is none. */
  evidence?: string[];
}

export type Attributes = Record<string, Record<string, unknown>>;

const attributes = z.record(z.string(), z.record(z.string(), z.unknown()));
const ROW = z.strictObject({
  index: z.nullable(z.int().check(z.gte(0))),
  key: z.strictObject({ pk: z.string(), sk: z.string() }),
  bytes: z.nullable(z.string()),
  others: attributes,
  item: z.nullable(attributes),
  evidence: z.optional(z.array(z.string())),
});

/** Reads one line of rows; undefined for everything else. */
export function readRow(value: unknown): TrailRow | undefined {
  const read = ROW.safeParse(value);
  return read.success ? (read.data as TrailRow) : undefined;
}
