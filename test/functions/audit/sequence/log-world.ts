import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Taker, takeEntry } from '../../../../functions/audit/record/record-entry.ts';
import { sequenceAll } from '../../../../functions/audit/sequence/sequence-all.ts';
import { type After, sequenceBatch } from '../../../../functions/audit/sequence/sequence-batch.ts';
import type { Cosign, Sequencer } from '../../../../functions/audit/sequence/sequencer.ts';
import { auditEntries, keyOf } from '../../../../shared/store/audit-entries.ts';
import { logBatches } from '../../../../shared/store/log-batches.ts';
import { logHead } from '../../../../shared/store/log-head.ts';
import { logItems } from '../../../../shared/store/log-items.ts';
import { checkpointPath } from '../../../../shared/store/log-objects.ts';
import { logPending } from '../../../../shared/store/log-pending.ts';
import { logStaged } from '../../../../shared/store/log-staged.ts';
import { logStreams } from '../../../../shared/store/log-streams.ts';
import { decodeBundle } from '../../../../shared/tlog/bundle.ts';
import { openCheckpoint } from '../../../../shared/tlog/checkpoint.ts';
import { consistencyProof, leafHash, rootAt, verifyConsistency } from '../../../../shared/tlog/merkle.ts';
import { ED25519 } from '../../../../shared/tlog/signed-message.ts';
import type { Signer } from '../../../../shared/tlog/signer.ts';
import { entriesPath, TILE_WIDTH, tilePath, tileReader, tileWidth } from '../../../../shared/tlog/tiles.ts';
import { verifierKey } from '../../../../shared/tlog/verifier-key.ts';
import { type AuditEntry, encodeEntry } from '../../../../shared/trail/entry.ts';
import { startTables, type Tables } from '../../../kit/dynamodb.ts';
import { memoryObjects } from '../../../kit/memory-objects.ts';
import { logged } from '../../../kit/records.ts';
import { testSigner } from '../../../kit/signer.ts';

export const ORIGIN = 'followthrough.test/audit';

/** A log of its own: tables, bucket, key and sequencer, over a client that may be faulty. */
export async function startWorld(options: { cosign?: Cosign } = {}) {
  const mine = await startTables();
  const objects = memoryObjects();
  const signer = testSigner('log');
  const { log, lines } = logged();
  const clock = { now: () => new Date().toISOString() };
  const desk = (client: DynamoDBClient = mine.client): Sequencer => ({
    origin: ORIGIN,
    signer,
    ...storesOf(mine, client),
    objects,
    cosign: options.cosign ?? (async () => []),
    clock: () => clock.now(),
    log,
  });
  const self = {
    mine,
    objects,
    signer,
    lines,
    clock,
    desk,
    /** As audit-record does. */
    take: (entry: AuditEntry, deps: Taker = desk()) => takeEntry(entry, deps),
    once: (after?: After) => sequenceBatch(desk(), after),
    all: () => sequenceAll(desk()),
    findings: () =>
      lines.filter(({ message }) => message === 'integrity finding').map(({ fields }) => fields?.['code']),
    read: (): Promise<AuditEntry[]> => readLog({ objects, signer, desk }),
    stop: () => mine.stop(),
  };
  return self;
}

export type World = Awaited<ReturnType<typeof startWorld>>;

const storesOf = ({ tables }: Tables, client: DynamoDBClient) => ({
  entries: auditEntries(client, tables.audit),
  items: logItems(client, tables.audit),
  pending: logPending(client, tables.log),
  head: logHead(client, tables.log),
  staged: logStaged(client, tables.log),
  streams: logStreams(client, tables.log),
  batches: logBatches(client, tables.log),
});

/** Entries of a stream, one a second, as they are recorded. */
export const entriesOf = (stream: string, count: number, since = '2026-11-24T10:00:00.000Z'): AuditEntry[] =>
  Array.from({ length: count }, (_, at) => ({
    v: 1,
    stream,
    sequence: at + 1,
    action: 'report-progress',
    outcome: 'success',
    actor: { id: 'per_worker', role: 'focal-point' },
    observer: 'audit-record',
    target: { type: 'commitment', id: stream },
    claimedAt: since,
    recordedAt: new Date(Date.parse(since) + at * 1000).toISOString(),
  }));

interface Readable {
  objects: ReturnType<typeof memoryObjects>;
  signer: Signer;
  desk(): Sequencer;
}

/**
 * Reads the log as a stranger does, from its newest checkpoint, and checks that it is one history: every checkpoint continues the one
 * before, tiles and bundles make the root, log items and stream ends say what the leaves say.
 */
async function readLog({ objects, signer, desk }: Readable): Promise<AuditEntry[]> {
  const key = verifierKey(ORIGIN, ED25519, await signer.publicKey());
  const { items, streams, batches, head } = desk();
  const checkpoints = [...objects.objects.entries()]
    .filter(([path]) => path.startsWith('checkpoints/'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, note]) => {
      const opened = openCheckpoint(note, key);
      if (!opened.ok) throw new Error(`${path} does not open: ${opened.reason}`);
      if (path !== checkpointPath(opened.checkpoint.size)) throw new Error(`${path} is of another size`);
      return { ...opened.checkpoint, note: Buffer.from(note).toString() };
    });
  const newest = checkpoints.at(-1);
  const standing = await head.read();
  if (!newest) {
    if (standing) throw new Error('a head without a checkpoint');
    return [];
  }
  if (standing?.size !== newest.size || standing.published !== newest.size)
    throw new Error('the head is elsewhere');
  const { size } = newest;
  const read = tileReader(
    size,
    ({ level, n, width }) => objects.objects.get(tilePath(level, n, width)) ?? new Uint8Array(),
  );
  const leaves: string[] = [];
  for (let n = 0; n * TILE_WIDTH < size; n++) {
    const width = tileWidth(0, n, size);
    const bundle = decodeBundle(objects.objects.get(entriesPath(n, width)) ?? new Uint8Array(), width);
    if (!bundle.ok) throw new Error(`bundle ${n} does not open: ${bundle.reason}`);
    leaves.push(...bundle.entries.map((entry) => Buffer.from(entry).toString()));
  }
  for (const [at, bytes] of leaves.entries())
    same(await read(0, at), leafHash(Buffer.from(bytes)), `leaf ${at}`);
  same(await rootAt(size, read), newest.root, 'the root');
  for (const [at, { size: size2, root: root2 }] of checkpoints.entries()) {
    const before = checkpoints[at - 1];
    if (!before) continue;
    const reader = tileReader(
      size2,
      ({ level, n, width }) => objects.objects.get(tilePath(level, n, width)) ?? new Uint8Array(),
    );
    const proof = await consistencyProof(before.size, size2, reader);
    if (!verifyConsistency({ size1: before.size, size2, root1: before.root, root2, proof }))
      throw new Error(`${size2} does not continue ${before.size}`);
  }
  const published = await batches.from(0, 10_000);
  const told = published.map(({ size, note }) => ({ size, note }));
  const there = checkpoints.map(({ size, note }) => ({ size, note }));
  if (JSON.stringify(told) !== JSON.stringify(there)) throw new Error('the batches are not the checkpoints');

  const entries = leaves.map((bytes) => JSON.parse(bytes) as AuditEntry);
  const keys = entries.map(keyOf);
  const placed = await items.of(keys);
  if (placed.size !== size) throw new Error(`${placed.size} log items for ${size} leaves`);
  const last = new Map<string, number>();
  for (const [at, entry] of entries.entries()) {
    const { pk, sk } = keyOf(entry);
    const item = placed.get(`${pk}\n${sk}`);
    if (item?.index !== at) throw new Error(`${pk} ${sk} is at ${item?.index}, not ${at}`);
    same(item.leaf, leafHash(Buffer.from(leaves[at] ?? '')), `the log item of ${at}`);
    if (leaves[at] !== encodeEntry(entry)) throw new Error(`leaf ${at} is not canonical`);
    if (!entry.finding) last.set(entry.stream, Math.max(last.get(entry.stream) ?? 0, entry.sequence));
  }
  const ends = await streams.ends([...last.keys()]);
  for (const [stream, sequence] of last)
    if (ends.get(stream)?.sequence !== sequence) throw new Error(`the end of ${stream} is not ${sequence}`);
  return entries;
}

function same(a: Uint8Array, b: Uint8Array, what: string): void {
  if (!Buffer.from(a).equals(b)) throw new Error(`${what} is another`);
}
