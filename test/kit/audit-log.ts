import { publishedEntry } from '../../functions/audit/ask/published-entry.ts';
import type { Trail } from '../../functions/audit/ask/view.ts';
import { auditEntries, keyOf } from '../../shared/store/audit-entries.ts';
import { pendingSk } from '../../shared/store/keys.ts';
import { logBatches } from '../../shared/store/log-batches.ts';
import { logCheckpoints } from '../../shared/store/log-checkpoints.ts';
import { logHead } from '../../shared/store/log-head.ts';
import { logItems } from '../../shared/store/log-items.ts';
import { leaves } from '../../shared/store/log-leaves.ts';
import { checkpointPath, type LogObjects } from '../../shared/store/log-objects.ts';
import { logPending } from '../../shared/store/log-pending.ts';
import { logTail } from '../../shared/store/log-tail.ts';
import { encodeBundle } from '../../shared/tlog/bundle.ts';
import { formatCheckpoint } from '../../shared/tlog/checkpoint.ts';
import { leafHash, rootOf } from '../../shared/tlog/merkle.ts';
import { signNote } from '../../shared/tlog/note.ts';
import { growTiles } from '../../shared/tlog/tile-growth.ts';
import { entriesPath, newBundles, tilePath } from '../../shared/tlog/tiles.ts';
import { columnsOf } from '../../shared/trail/columns.ts';
import { type AuditEntry, encodeEntry } from '../../shared/trail/entry.ts';
import type { Tables } from './dynamodb.ts';
import { testSigner } from './signer.ts';

export const ORIGIN = 'followthrough.test/audit';

export interface TestLog {
  trail: Trail;
  objects: Pick<LogObjects, 'get'>;
  /** Takes entries into the trail, where they wait for their places. */
  record(entries: readonly AuditEntry[]): Promise<void>;
  /** Gives places to the first so many that wait, and publishes them at a time. */
  sequence(count: number, time: string): Promise<void>;
  /** The entries that have their places, in order. */
  sequenced: AuditEntry[];
  /** Those that wait, in order. */
  waiting: AuditEntry[];
}

/** A log of its own in the tables, written by the product's stores; what would be locked objects are kept in memory. */
export function testLog({ client, tables }: Tables, lookAt?: number): TestLog {
  const files = new Map<string, Uint8Array>();
  const objects = { get: async (key: string) => files.get(key) ?? null };
  const entries = auditEntries(client, tables.audit);
  const items = logItems(client, tables.audit);
  const pending = logPending(client, tables.log);
  const [head, batches] = [logHead(client, tables.log), logBatches(client, tables.log)];
  const signer = testSigner('log');
  const bytes: Buffer[] = [];
  const log: TestLog = {
    trail: {
      leaves: leaves(client, tables.audit, lookAt),
      checkpoints: logCheckpoints(client, tables.log),
      tail: logTail(client, tables.log),
      entries,
      items,
      published: publishedEntry(objects),
    },
    objects,
    sequenced: [],
    waiting: [],
    async record(more) {
      for (const entry of more) {
        await entries.put(entry);
        await pending.put(keyOf(entry), entry.recordedAt);
        log.waiting.push(entry);
      }
      log.waiting.sort((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));
    },
    async sequence(count, time) {
      const batch = log.waiting.slice(0, count);
      if (batch.length === 0) return;
      const first = log.sequenced.length;
      const size = first + batch.length;
      bytes.push(...batch.map((entry) => Buffer.from(encodeEntry(entry))));
      const hashes = bytes.map(leafHash);
      const root = rootOf(hashes);
      const note = await signNote(formatCheckpoint({ origin: ORIGIN, size, root }), ORIGIN, signer);
      for (const { n, width } of newBundles(first, size))
        files.set(entriesPath(n, width), encodeBundle(bytes.slice(n * 256, n * 256 + width)));
      for (const { level, n, width, bytes: tile } of growTiles(0, [], hashes).tiles)
        files.set(tilePath(level, n, width), tile);
      files.set(checkpointPath(size), Buffer.from(note));
      const placed = batch.map((entry, at) => ({
        entry: keyOf(entry),
        index: first + at,
        leaf: hashes[first + at] ?? new Uint8Array(),
        columns: columnsOf(entry),
        ...(entry.evidence && { evidence: entry.evidence }),
      }));
      if ((await items.put(placed)).length > 0) throw new Error('something else has the place');
      const times = batch.map(({ recordedAt }) => recordedAt).sort();
      const delay = Math.max(...times.map((at) => Date.parse(time) - Date.parse(at)));
      const before = await head.read();
      const maxDelayMs = Math.max(delay, before?.maxDelayMs ?? 0);
      await head.advance(before, { size, root, range: [], published: size, note, time, maxDelayMs });
      await batches.put({
        first,
        size,
        time,
        maxRecordedAt: times.at(-1) ?? time,
        delayMs: delay,
        maxDelayMs,
        note,
      });
      await pending.remove(batch.map(placeOf));
      log.sequenced.push(...batch);
      log.waiting.splice(0, count);
    },
  };
  return log;
}

const placeOf = (entry: AuditEntry): string => pendingSk(entry.recordedAt, keyOf(entry));
