import * as z from 'zod/mini';
import { readQuery, type TrailQuery } from './query.ts';

/** What an export may be asked as. `bundle`: one archive that unpacks to a folder which the offline verifier takes. */
export const EXPORT_FORMATS = ['jsonl', 'csv', 'parquet', 'bundle'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ManifestFile {
  name: string;
  bytes: number;
  /** SHA-256, hexadecimal. */
  sha256: string;
}

/** What an export is: which question, asked of which log, with which answer. It lies beside the export's file. */
export interface ExportManifest {
  v: 1;
  /** The release that wrote it. */
  product: string;
  exportId: string;
  format: ExportFormat;
  query: TrailQuery;
  /** SHA-256 of the query's RFC 8785 text, hexadecimal. */
  queryDigest: string;
  /** The order of the rows, by the index in the log. */
  order: TrailQuery['order'];
  /** The log that was asked: entries from 0 up to the size. `note` is the signed checkpoint with its cosignatures, `key` the log's. */
  checkpoint: { size: number; note: string; key: string };
  /** `population`: entries that match the query; `rows`: those that are in the file. They differ for a sample alone. */
  counts: { rows: number; population: number };
  /** Indices of the first and the last row in the file; null where it has none. */
  firstIndex: number | null;
  lastIndex: number | null;
  /** The lot: who asked gave the seed and the size; these are the indices that were drawn, ascending. */
  sample?: { seed: string; size: number; population: number; indices: number[] };
  files: ManifestFile[];
  madeAt: string;
  /** The pseudonym of who asked, and their role. */
  madeBy: { id: string; role: string };
}

const text = z.string().check(z.minLength(1));
const hex = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const count = z.int().check(z.gte(0));

const MANIFEST = z.strictObject({
  v: z.literal(1),
  product: text,
  exportId: text,
  format: z.enum(EXPORT_FORMATS),
  query: z.unknown(),
  queryDigest: hex,
  order: z.enum(['asc', 'desc']),
  checkpoint: z.strictObject({ size: count, note: text, key: text }),
  counts: z.strictObject({ rows: count, population: count }),
  firstIndex: z.nullable(count),
  lastIndex: z.nullable(count),
  sample: z.optional(z.strictObject({ seed: text, size: count, population: count, indices: z.array(count) })),
  files: z.array(z.strictObject({ name: text, bytes: count, sha256: hex })),
  madeAt: text,
  madeBy: z.strictObject({ id: text, role: text }),
});

/** Reads `manifest.json`; what is not one is told by a reason. */
export function readExportManifest(json: string): { manifest: ExportManifest } | { reason: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return { reason: 'it is not JSON' };
  }
  const read = MANIFEST.safeParse(parsed);
  if (!read.success) {
    const [issue] = read.error.issues;
    return { reason: `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'is not as it should be'}` };
  }
  const query = readQuery(read.data.query);
  if (!query) return { reason: 'query: is not one that the trail can be asked' };
  return { manifest: { ...(read.data as ExportManifest), query } };
}

/** Name and media type of the file of rows, by format. */
export const ROW_FILES = {
  jsonl: { name: 'entries.jsonl', type: 'application/jsonl' },
  csv: { name: 'entries.csv', type: 'text/csv; charset=utf-8' },
  parquet: { name: 'entries.parquet', type: 'application/vnd.apache.parquet' },
  bundle: { name: 'bundle.tar', type: 'application/x-tar' },
} as const satisfies Record<ExportFormat, { name: string; type: string }>;

export const MANIFEST_FILE = 'manifest.json';
