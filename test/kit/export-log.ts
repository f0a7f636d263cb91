import type { PlanNeeds } from '../../functions/audit/export/export-plan.ts';
import type { LogObjects } from '../../shared/store/log-objects.ts';
import { encodeBundle } from '../../shared/tlog/bundle.ts';
import { entriesPath, newBundles } from '../../shared/tlog/tiles.ts';
import { type AuditEntry, encodeEntry } from '../../shared/trail/entry.ts';

const ACTIONS = ['report-progress', 'verify', 'close', '=dangerous'];

/** The entry at an index of a made-up trail. */
export function entryAt(n: number): AuditEntry {
  const target = `cmt_${n % 7}`;
  const at = new Date(Date.UTC(2026, 10, 1) + n * 1000).toISOString();
  return {
    v: 1,
    stream: target,
    sequence: Math.floor(n / 7) + 1,
    ...(n % 3 > 0 && { eventId: `${target}/${n}` }),
    commandId: `cmd_${n}`,
    action: ACTIONS[n % 4] ?? '',
    outcome: n % 5 === 4 ? 'refused' : 'success',
    ...(n % 5 === 4 && { code: 'forbidden' }),
    actor: { id: `per_${n % 3}`, role: 'focal-point' },
    observer: 'audit-record',
    target: { type: 'commitment', id: target },
    claimedAt: at,
    recordedAt: at,
    ...(n % 4 === 0 && { changes: [{ op: 'replace', path: '/status', value: `a "quoted", value ${n}` }] }),
  };
}

/** The entry bundles of a log, in memory, as its bucket would hold them. */
export function logOf(
  entries: readonly AuditEntry[],
): Pick<LogObjects, 'get'> & { files: Map<string, Uint8Array> } {
  const leaves = entries.map((entry) => Buffer.from(encodeEntry(entry)));
  const files = new Map(
    newBundles(0, leaves.length).map(({ n, width }) => [
      entriesPath(n, width),
      encodeBundle(leaves.slice(n * 256, n * 256 + width)),
    ]),
  );
  return { files, get: async (path) => files.get(path) ?? null };
}

/** What exports of rows need of a deployment, and of the folder's other parts nothing. */
export const needsOf = (files: PlanNeeds['files'], objects: PlanNeeds['objects']): PlanNeeds => ({
  files,
  objects,
  product: 'test 1',
  key: async () => 'the key',
  policy: async () => 'the policy\n',
  clock: () => '2026-11-24T00:00:00.000Z',
  commitments: { ofResponse: async () => [], complete: async () => [], briefs: async () => new Map() },
  responses: { all: async () => [], text: async () => null },
  streams: { async *all() {} },
  recordsOf: () => ({ after: async () => [] }),
  rows: {
    at: async (keys) => keys.map((key) => ({ index: null, key, bytes: null, others: {}, item: null })),
  },
  batches: { from: async () => [] },
});
