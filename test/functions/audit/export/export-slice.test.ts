import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  COLUMNS,
  csvHeader,
  csvLine,
  jsonLine,
  representEntry,
} from '../../../../functions/audit/ask/represent.ts';
import { planOf } from '../../../../functions/audit/export/export-plan.ts';
import { workOn } from '../../../../functions/audit/export/export-slice.ts';
import type { ExportJob } from '../../../../shared/store/export-job.ts';
import { type ExportObjects, exportObjects } from '../../../../shared/store/export-objects.ts';
import { type Exports, exports } from '../../../../shared/store/exports.ts';
import { checkpointPath } from '../../../../shared/store/log-objects.ts';
import { type AuditEntry, encodeEntry } from '../../../../shared/trail/entry.ts';
import { type ExportFormat, readExportManifest } from '../../../../shared/trail/export-manifest.ts';
import { matches, type TrailQuery } from '../../../../shared/trail/query.ts';
import { startTables, type Tables } from '../../../kit/dynamodb.ts';
import { entryAt, logOf, needsOf } from '../../../kit/export-log.ts';
import { startObjectStore } from '../../../kit/object-store.ts';

const SIZE = 20_003;
const entries = Array.from({ length: SIZE }, (_, n) => entryAt(n));
const log = logOf(entries);
log.files.set(checkpointPath(SIZE), Buffer.from('the note\n'));

let mine: Tables;
let store: Awaited<ReturnType<typeof startObjectStore>>;
let jobs: Exports;
let objects: ExportObjects;

beforeAll(async () => {
  [mine, store] = await Promise.all([startTables(), startObjectStore('exports')]);
  jobs = exports(mine.client, mine.tables.log);
  objects = exportObjects(store.client, 'exports');
});
afterAll(async () => {
  await Promise.all([mine.stop(), store.stop()]);
});

let drawn = 0;
async function ask(format: ExportFormat, query: TrailQuery): Promise<ExportJob> {
  drawn += 1;
  const job: ExportJob = {
    id: `exp_${drawn}`,
    owner: 'per_otto',
    role: 'auditor',
    state: 'waiting',
    query,
    format,
    checkpoint: SIZE,
    rows: 0,
    total: null,
    progress: 0,
    files: [],
    reason: null,
    createdAt: '2026-11-24T00:00:00.000Z',
    updatedAt: '2026-11-24T00:00:00.000Z',
    expiresAt: '2030-12-24T00:00:00.000Z',
    version: 1,
    work: { finished: [], open: null, attempt: 1, failures: 0, holder: '', heldUntil: '' },
  };
  const put = { TableName: mine.tables.commands, Item: { pk: { S: job.id }, sk: { S: 'act' } } };
  const claim = { key: { pk: `I#${job.id}`, sk: 'I' }, payload: '' };
  expect(await jobs.create(job, claim, 'cmd_1', { Put: put })).toEqual({ outcome: 'created' });
  return job;
}

class Killed extends Error {
  override name = 'Killed';
}

/** Works on a job to its end. `killAt`: after which calls of the stores the worker is gone; `sliceOf`: chunks an invocation. */
async function work(
  job: ExportJob,
  { killAt = [] as number[], chunks = Infinity, objects: store = objects } = {},
): Promise<ExportJob> {
  let calls = 0;
  let clock = Date.parse(job.createdAt);
  let dead = false;
  const counted = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(from, name) {
        const method = Reflect.get(from, name) as (...given: unknown[]) => unknown;
        return (...given: unknown[]) => {
          if (dead) return Promise.reject(new Killed());
          if (name === 'read') return Reflect.apply(method, from, given);
          return (Reflect.apply(method, from, given) as Promise<unknown>).then((answer) => {
            calls += 1;
            dead = killAt.includes(calls);
            // It did what it was told, and nobody heard of it.
            if (dead) throw new Killed();
            return answer;
          });
        };
      },
    });
  for (let slices = 0; slices < 200; slices += 1) {
    dead = false;
    let seen = 0;
    await workOn(job.owner, job.id, {
      exports: counted(jobs),
      objects: counted(store),
      planOf: (now) => planOf(now, needsOf(log, objects)),
      now: () => clock,
      isOver: () => ++seen > chunks,
      newHolder: () => `holder-${slices}`,
      log: { info() {}, error() {} },
    }).catch((error: unknown) => {
      if (!(error instanceof Killed)) throw error;
    });
    // Who was killed holds it for a while.
    clock += 61_000;
    const now = await jobs.one(job.owner, job.id);
    if (now && (now.state === 'done' || now.state === 'failed')) return now;
  }
  throw new Error('it does not come to an end');
}

async function fileOf(job: ExportJob, name: string): Promise<Buffer> {
  const file = job.files.find((shown) => shown.name === name);
  const response = await fetch(await objects.link(file?.key ?? '', name, 900));
  expect(response.status).toBe(200);
  const bytes = Buffer.from(await response.arrayBuffer());
  expect({ bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }).toEqual({
    bytes: file?.bytes,
    sha256: file?.sha256,
  });
  return bytes;
}

/** A difference of megabytes says nothing: the first line that differs does. */
function expectSame(actual: Buffer, expected: string): void {
  if (actual.equals(Buffer.from(expected))) return;
  const [some, others] = [actual.toString().split('\n'), expected.split('\n')];
  const at = others.findIndex((line, n) => line !== some[n]);
  expect({ lines: some.length, at, line: some[at] }).toEqual({ lines: others.length, at, line: others[at] });
}

const shown = (query: TrailQuery) => {
  const rows = entries.flatMap((entry, index) => {
    const bytes = encodeEntry(entry);
    return matches(query, entry) ? [{ entry: JSON.parse(bytes) as AuditEntry, index, bytes }] : [];
  });
  return query.order === 'asc' ? rows : rows.reverse();
};

describe('an export', () => {
  it('has every line of the view, and a manifest that says so', async () => {
    const query: TrailQuery = { order: 'asc' };
    const done = await work(await ask('jsonl', query));
    expect(done).toMatchObject({ state: 'done', rows: SIZE, total: SIZE, progress: 1 });
    expectSame(await fileOf(done, 'entries.jsonl'), shown(query).map(jsonLine).join(''));
    expect(done.work.finished[0]?.bytes).toBeGreaterThan(8 * 1024 * 1024);
    const manifest = readExportManifest((await fileOf(done, 'manifest.json')).toString());
    expect(manifest).toMatchObject({
      manifest: {
        query,
        checkpoint: { size: SIZE, note: 'the note\n', key: 'the key' },
        counts: { rows: SIZE, population: SIZE },
        firstIndex: 0,
        lastIndex: SIZE - 1,
        files: [{ name: 'entries.jsonl', sha256: done.files[0]?.sha256 }],
      },
    });
  });

  it('gives CSV of what was asked, newest first', async () => {
    const query: TrailQuery = { order: 'desc', action: '=dangerous', target: 'cmt_3' };
    const done = await work(await ask('csv', query));
    const rows = shown(query);
    expect(rows.length).toBeGreaterThan(600);
    expectSame(await fileOf(done, 'entries.csv'), csvHeader() + rows.map(csvLine).join(''));
  });

  it('gives Parquet with types of its own', async () => {
    const query: TrailQuery = { order: 'desc' };
    const done = await work(await ask('parquet', query), { chunks: 50 });
    const file = await fileOf(done, 'entries.parquet');
    const read = await parquetReadObjects({
      file: file.buffer.slice(file.byteOffset, file.byteOffset + file.length) as ArrayBuffer,
    });
    const rows = shown(query);
    expect(read).toHaveLength(rows.length);
    for (const [n, row] of rows.entries()) {
      const represented = representEntry(row);
      const expected = COLUMNS.map(([name, cell]) => {
        const value = cell(represented);
        if (typeof value === 'number') return BigInt(value);
        if (name === 'claimedAt' || name === 'recordedAt') return new Date(String(value)).getTime();
        return value ?? null;
      });
      const actual = COLUMNS.map(([name]) => {
        const value = read[n]?.[name];
        if (value instanceof Date) return value.getTime();
        return value !== null && typeof value === 'object' ? JSON.stringify(value) : (value ?? null);
      });
      if (JSON.stringify(actual, text) !== JSON.stringify(expected, text)) expect(actual).toEqual(expected);
    }
  });

  it('has no row where nothing matches', async () => {
    const done = await work(await ask('jsonl', { order: 'asc', target: 'cmt_none' }));
    expect(done).toMatchObject({ state: 'done', rows: 0, total: 0, files: [{ bytes: 0 }, {}] });
  });

  it('is not disturbed by a writer that was taken for dead and comes back', async () => {
    const query: TrailQuery = { order: 'asc' };
    const job = await ask('jsonl', query);
    let stall: () => void = () => {};
    const stalled = new Promise<void>((stalls) => {
      stall = stalls;
    });
    let wake: () => void = () => {};
    const woken = new Promise<void>((wakes) => {
      wake = wakes;
    });
    let clock = Date.parse(job.createdAt);
    const slice = {
      exports: jobs,
      objects,
      planOf: (now: ExportJob) => planOf(now, needsOf(log, objects)),
      now: () => clock,
      isOver: () => false,
      newHolder: () => `holder-${clock}`,
      log: { info() {}, error() {} },
    };
    const slow = workOn(job.owner, job.id, {
      ...slice,
      objects: {
        ...objects,
        async part(key, uploadId, n, bytes) {
          const sent = await objects.part(key, uploadId, n, bytes);
          stall();
          await woken;
          return sent;
        },
      },
    });
    await stalled;
    expect(await workOn(job.owner, job.id, slice)).toEqual({ next: 'nothing' });
    expect((await jobs.one(job.owner, job.id))?.state).toBe('writing');
    clock += 61_000;
    await workOn(job.owner, job.id, slice);
    const done = await jobs.one(job.owner, job.id);
    wake();
    expect(await slow).toEqual({ next: 'nothing' });
    expect(await jobs.one(job.owner, job.id)).toEqual(done);
    if (!done) throw new Error('the job is gone');
    expectSame(await fileOf(done, 'entries.jsonl'), shown(query).map(jsonLine).join(''));
  });

  it('begins again where what was written is not what it reads again', async () => {
    const job = await ask('jsonl', { order: 'asc' });
    let damaged = 0;
    const done = await work(job, {
      objects: {
        ...objects,
        async *read(key, from) {
          for await (const bytes of objects.read(key, from)) {
            if (damaged === 0) bytes[0] = (bytes[0] ?? 0) ^ 1;
            damaged += 1;
            yield bytes;
          }
        },
      },
    });
    expect(done).toMatchObject({ state: 'done', rows: SIZE, work: { attempt: 2 } });
  });

  it('loses no row and doubles none, wherever its writers are killed', async () => {
    const query: TrailQuery = { order: 'asc', outcome: 'success' };
    const expected = shown(query).map(jsonLine).join('');
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 12 }),
        fc.constantFrom(15, 50, 1000),
        async (killAt, chunks) => {
          const done = await work(await ask('jsonl', query), { killAt, chunks });
          expect(done.state).toBe('done');
          expectSame(await fileOf(done, 'entries.jsonl'), expected);
        },
      ),
      { numRuns: 12 },
    );
  }, 120_000);
});

const text = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
