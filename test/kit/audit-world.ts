import type { Event, Happened, Placed } from '../../shared/commitment/event.ts';
import { fold } from '../../shared/commitment/evolve.ts';
import { representCommitment } from '../../shared/commitment/representation.ts';
import { sha256 } from '../../shared/record/canonical.ts';
import { type EventRecord, open, seal, sealData } from '../../shared/record/event-record.ts';
import { actStream, refusalStream } from '../../shared/record/streams.ts';
import { ACT_TYPE, type ActData, REFUSAL_TYPE } from '../../shared/record/trail-record.ts';
import { leafHash, rootOf } from '../../shared/tlog/merkle.ts';
import { columnsOf } from '../../shared/trail/columns.ts';
import { type AuditEntry, encodeEntry } from '../../shared/trail/entry.ts';
import type { ExportManifest } from '../../shared/trail/export-manifest.ts';
import { formatManifest, manifestEntry, type StreamHead, summarise } from '../../shared/trail/manifest.ts';
import { entryOf } from '../../shared/trail/of-record.ts';
import { placeOf } from '../../shared/trail/place.ts';
import { matches, queryDigest, type TrailQuery } from '../../shared/trail/query.ts';
import { Draw } from '../../shared/trail/sample.ts';
import { ID, moved, OTHER, proven, registered, reported, WORKER } from './given.ts';
import { checkpointOf, type LogKeys, newKeys, policyOf, treeFiles, vkeyOf } from './log-maker.ts';

/** What a small system recorded, before it became a log: change any of it as somebody who holds all keys could. */
export interface World {
  keys: LogKeys;
  records: EventRecord[];
  /** In the order of the log. */
  entries: AuditEntry[];
  /** The sizes at which the log was signed, the last of them its size; each with the second at which the witness saw it. */
  batches: { size: number; seconds: number | null }[];
  /** Files of the counts by day. */
  manifests: Map<string, string>;
  query: TrailQuery;
  /** Changes rows of the table after they were made, commitments as they are shown, and lines of the export. */
  rows: (rows: Row[]) => Row[];
  states: (states: Record<string, unknown>[]) => Record<string, unknown>[];
  exported: (rows: Record<string, unknown>[]) => Record<string, unknown>[];
}

export interface Row {
  index: number | null;
  key: { pk: string; sk: string };
  bytes: string | null;
  others: Record<string, Record<string, unknown>>;
  item: Record<string, Record<string, unknown>> | null;
  evidence?: string[];
}

const BEGAN = Date.UTC(2026, 10, 24, 10);
export const at = (seconds: number): string => new Date(BEGAN + seconds * 1000).toISOString();
export const secondsOf = (time: string): number => Math.ceil(Date.parse(time) / 1000);

/** Appends records to streams, one a second. */
export class Book {
  readonly records: EventRecord[] = [];
  #second = 0;

  event(stream: string, happened: Happened, by: Partial<Placed> = {}): EventRecord {
    const salt = () => Buffer.alloc(16, this.records.length + 1).toString('base64url');
    return this.#take(
      seal(
        happened,
        { ...this.#place(stream, 'report-progress'), ...by } as Placed,
        this.#last(stream)?.hash ?? null,
        salt,
      ),
    );
  }

  refusal(target: string): EventRecord {
    const stream = refusalStream(target);
    const data = {
      target: { type: 'commitment', id: target },
      code: 'not-your-unit',
      status: 403,
      route: 'POST /v1',
    };
    return this.#take(
      sealData(REFUSAL_TYPE, data, this.#place(stream, 'report-progress'), this.#last(stream)?.hash ?? null),
    );
  }

  act(target: ActData['target'], action: string, facts: ActData['facts'], actor = WORKER): EventRecord {
    const stream = actStream(target.id);
    const data = { target, route: 'POST /v1', ...(facts && { facts }) };
    const place = { ...this.#place(stream, action), actor: { id: actor, role: 'administrator' } };
    return this.#take(sealData(ACT_TYPE, data, place, this.#last(stream)?.hash ?? null));
  }

  #last(stream: string): EventRecord | undefined {
    return this.records.findLast((record) => record.stream === stream);
  }

  #place(stream: string, action: string) {
    this.#second += 1;
    return {
      stream,
      sequence: (this.#last(stream)?.sequence ?? 0) + 1,
      time: at(this.#second),
      actor: { id: WORKER, role: 'focal-point' },
      action,
      commandId: `cmd_${this.#second}`,
      correlation: `req_${this.#second}`,
    };
  }

  #take(record: EventRecord): EventRecord {
    this.records.push(record);
    return record;
  }
}

/** The entries of records in their order, each recorded some 300 ms after it happened. */
export const entriesOf = (records: readonly EventRecord[]): AuditEntry[] =>
  records.map((record) => {
    const { time } = JSON.parse(record.bytes) as { time: string };
    return entryOf(record, new Date(Date.parse(time) + 300).toISOString());
  });

export const headsOf = (records: readonly EventRecord[]): StreamHead[] => {
  const last = new Map(
    records.map(({ stream, sequence, hash }) => [stream, { stream, sequence, recordHash: hash }]),
  );
  return [...last.values()];
};

export const DAY = '2026-11-24';

/** An entry that counts the streams of `records`, and its file. */
export function counted(records: readonly EventRecord[], recordedAt: string, logSize: number) {
  const file = formatManifest(headsOf(records));
  const summary = { day: DAY, ...summarise(file), logSize, batches: 1, maxDelayMs: 1000 };
  return { file, entry: manifestEntry(summary, { stream: 'manifests', sequence: 1, recordedAt }) };
}

/**
 * A response, two commitments with progress, evidence and a claim, a refusal, and a text that was redacted with two people's consent.
 * `small` leaves most of it out.
 */
export function honestWorld({ small = false }: { small?: boolean } = {}): World {
  const book = new Book();
  book.event(ID, registered({ dependsOn: small ? [] : [OTHER] }), { action: 'register-commitment' });
  book.event(ID, reported('A word that was said too much.'));
  if (!small) {
    book.event(OTHER, registered({ reference: 'R-2' }), { action: 'register-commitment' });
    book.event(ID, proven(1, 'e'.repeat(64)));
    book.event(ID, moved('not_started', 'in_progress'));
    book.refusal(ID);
    book.event(OTHER, reported('It moves.'));
  }
  const text = { kind: 'text', stream: ID, sequence: 2, path: 'narrative' };
  book.act({ type: 'erasure', id: 'era_1' }, 'request-erasure', text, 'psn_first');
  book.act({ type: 'erasure', id: 'era_1' }, 'approve-erasure', text, 'psn_second');
  const records = book.records.map((record) =>
    record === book.records[1] ? { ...record, texts: {} } : record,
  );
  const entries = entriesOf(records);
  const { file, entry } = counted(records, at(300), 2);
  entries.push(entry);
  const sizes = small ? [2, entries.length - 1, entries.length] : [2, 5, entries.length - 1, entries.length];
  return {
    keys: newKeys(),
    records,
    entries,
    batches: sizes.map((size) => ({ size, seconds: secondsOf(entries[size - 1]?.recordedAt ?? '') + 2 })),
    manifests: new Map([[DAY, file]]),
    query: { target: ID, order: 'desc' },
    rows: (rows) => rows,
    states: (states) => states,
    exported: (rows) => rows,
  };
}

export type Files = Map<string, Uint8Array>;

const put = (files: Files, path: string, text: string) => void files.set(path, Buffer.from(text));
const jsonl = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** The folder that an auditor is given of a world. */
export async function bundleOf(world: World): Promise<Files> {
  const { keys, records, entries, batches, manifests } = world;
  const leaves = entries.map((entry) => Buffer.from(encodeEntry(entry)));
  const { files } = treeFiles(leaves);
  const hashes = leaves.map(leafHash);
  const archive: { size: number; time: string; note: string }[] = [];
  for (const { size, seconds } of batches) {
    const note = await checkpointOf(size, rootOf(hashes.slice(0, size)), keys, seconds);
    archive.push({ size, time: entries[size - 1]?.recordedAt ?? at(0), note });
  }
  const newest = archive.at(-1)?.note ?? '';
  put(files, 'checkpoint', newest);
  put(files, 'key', await vkeyOf(keys.log));
  put(files, 'policy', await policyOf(keys));
  put(files, 'checkpoints.jsonl', jsonl(archive));
  for (const [day, file] of manifests) put(files, `manifests/${day}`, file);
  put(files, 'records.jsonl', jsonl(records));
  put(files, 'states.jsonl', jsonl(world.states(statesOf(records))));
  put(files, 'rows.jsonl', jsonl(world.rows(rowsOf(entries))));
  const rows = world.exported(exportedRows(world));
  const lines = jsonl(rows);
  put(files, 'export/entries.jsonl', lines);
  const manifest = exportManifest(world, await vkeyOf(keys.log), newest, lines);
  put(files, 'export/manifest.json', `${JSON.stringify(manifest, null, 2)}\n`);
  return files;
}

function statesOf(records: readonly EventRecord[]): Record<string, unknown>[] {
  const byStream = Map.groupBy(
    records.filter(({ stream }) => stream.startsWith('cmt_')),
    ({ stream }) => stream,
  );
  const folded = [...byStream.values()].flatMap((own) => fold(own.map(open) as Event[]) ?? []);
  const statuses = new Map(folded.map(({ card, head }) => [card.id, head.status]));
  return folded.map((state) => representCommitment(state, { text: null, statuses, at: at(400) }));
}

function rowsOf(entries: readonly AuditEntry[]): Row[] {
  return entries.map((entry, index) => {
    const bytes = encodeEntry(entry);
    const { stream, place } = placeOf(entry);
    const texts = {
      pk: stream,
      sk: `L#${place}`,
      index: String(index).padStart(16, '0'),
      block: '0',
      ...columnsOf(entry),
    };
    const item = Object.fromEntries(
      Object.entries(texts).map(([name, value]): [string, Record<string, unknown>] => [name, { S: value }]),
    );
    const leaf = { B: Buffer.from(leafHash(Buffer.from(bytes))).toString('base64') };
    return {
      index,
      key: { pk: stream, sk: `A#${place}` },
      bytes,
      others: {},
      item: { ...item, leaf },
      ...(entry.evidence && { evidence: entry.evidence }),
    };
  });
}

/** The answer to the world's query: index and entry. */
function answerOf({ entries, query }: World): { index: number; entry: AuditEntry }[] {
  const all = entries.map((entry, index) => ({ index, entry })).filter(({ entry }) => matches(query, entry));
  const draw = query.sample && new Draw<AuditEntry>(query.sample);
  if (draw)
    for (const { index, entry } of all) draw.offer(index, leafHash(Buffer.from(encodeEntry(entry))), entry);
  const rows = draw ? draw.drawn().map(({ index, item }) => ({ index, entry: item })) : all;
  return query.order === 'asc' ? rows : rows.reverse();
}

function exportedRows(world: World): Record<string, unknown>[] {
  return answerOf(world).map(({ index, entry }) => {
    const {
      v: _,
      observer: __,
      correlation: ___,
      recordHash: _r,
      previousHash: _p,
      manifest: _m,
      facts: _f,
      ...shown
    } = entry;
    const bytes = encodeEntry(entry);
    return { index, ...shown, bytes, hash: sha256(bytes) };
  });
}

function exportManifest(world: World, key: string, note: string, lines: string): ExportManifest {
  const { entries, query } = world;
  const rows = answerOf(world);
  const population = entries.filter((entry) => matches(query, entry)).length;
  const indices = rows.map(({ index }) => index).sort((one, other) => one - other);
  return {
    v: 1,
    product: 'test',
    exportId: 'exp_1',
    format: 'jsonl',
    query,
    queryDigest: queryDigest(query),
    order: query.order,
    checkpoint: { size: entries.length, note, key },
    counts: { rows: rows.length, population },
    firstIndex: rows[0]?.index ?? null,
    lastIndex: rows.at(-1)?.index ?? null,
    ...(query.sample && { sample: { ...query.sample, population, indices } }),
    files: [{ name: 'entries.jsonl', bytes: Buffer.byteLength(lines), sha256: sha256(lines) }],
    madeAt: at(600),
    madeBy: { id: 'psn_auditor', role: 'auditor' },
  };
}
