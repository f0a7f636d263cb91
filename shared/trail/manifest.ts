import { sha256 } from '../record/canonical.ts';
import type { AuditEntry, ManifestSummary } from './entry.ts';

/** Where a stream of records ends: its last sequence, and the hash of that record (hexadecimal). */
export interface StreamHead {
  stream: string;
  sequence: number;
  recordHash: string;
}

/** The file of a day: a line `["<stream>",<sequence>,"<hash>"]` for each stream, sorted by the stream's name (UTF-16 code units). */
export const formatManifest = (heads: readonly StreamHead[]): string =>
  [...heads]
    .sort((a, b) => (a.stream < b.stream ? -1 : 1))
    .map(({ stream, sequence, recordHash }) => `${JSON.stringify([stream, sequence, recordHash])}\n`)
    .join('');

/** What the entry of a manifest says of its file. */
export function summarise(file: string): Pick<ManifestSummary, 'streams' | 'records' | 'sha256'> {
  const sequences = file
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as [string, number, string])[1]);
  return {
    streams: sequences.length,
    records: sequences.reduce((sum, sequence) => sum + sequence, 0),
    sha256: sha256(file),
  };
}

/** The entry of a manifest, at its place in the stream of manifests. */
export const manifestEntry = (
  manifest: ManifestSummary,
  { stream, sequence, recordedAt }: { stream: string; sequence: number; recordedAt: string },
): AuditEntry => ({
  v: 1,
  stream,
  sequence,
  action: 'manifest',
  outcome: 'success',
  actor: { id: 'system', role: 'system' },
  observer: 'audit-manifest',
  target: { type: 'trail', id: 'trail' },
  claimedAt: recordedAt,
  recordedAt,
  manifest,
});
