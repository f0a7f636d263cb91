import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { jsonLine } from '../../../../functions/audit/ask/represent.ts';
import { downloadExport } from '../../../../functions/audit/export/download-export.ts';
import type { ExportDesk } from '../../../../functions/audit/export/export-desk.ts';
import { planOf } from '../../../../functions/audit/export/export-plan.ts';
import { getExport, listExports } from '../../../../functions/audit/export/read-exports.ts';
import { requestExport } from '../../../../functions/audit/export/request-export.ts';
import { startExport } from '../../../../functions/audit/export/start-export.ts';
import { writeBatch } from '../../../../functions/audit/export/write-exports.ts';
import type { Answer } from '../../../../shared/lambda/http.ts';
import { acts } from '../../../../shared/store/acts.ts';
import { events } from '../../../../shared/store/events.ts';
import { type ExportObjects, exportObjects } from '../../../../shared/store/export-objects.ts';
import { exports } from '../../../../shared/store/exports.ts';
import { checkpointPath } from '../../../../shared/store/log-objects.ts';
import { encodeEntry } from '../../../../shared/trail/entry.ts';
import type { TrailQuery } from '../../../../shared/trail/query.ts';
import { callOf, personWith } from '../../../kit/call.ts';
import { startTables, type Tables } from '../../../kit/dynamodb.ts';
import { entryAt, logOf, needsOf } from '../../../kit/export-log.ts';
import { startObjectStore } from '../../../kit/object-store.ts';

const SIZE = 1000;
const entries = Array.from({ length: SIZE }, (_, n) => entryAt(n));
const log = logOf(entries);
log.files.set(checkpointPath(SIZE), Buffer.from('the note\n'));

let mine: Tables;
let store: Awaited<ReturnType<typeof startObjectStore>>;
let objects: ExportObjects;
let desk: ExportDesk;
let hints: { owner: string; exportId: string; messageId: string }[] = [];
let clock = Date.parse('2026-11-24T00:00:00.000Z');
/** What happens while a handler waits. */
let meanwhile: () => Promise<unknown> = async () => {};
let drawn = 0;

const ulid = () => {
  drawn += 1;
  return String(drawn).padStart(26, '0');
};
const published = (size: number) => ({ size, root: '', time: null, note: null });

beforeAll(async () => {
  [mine, store] = await Promise.all([startTables(), startObjectStore('exports')]);
  objects = exportObjects(store.client, 'exports');
  desk = {
    exports: exports(mine.client, mine.tables.log),
    acts: acts(mine.client, mine.tables.commands),
    checkpoints: {
      newest: async () => published(SIZE),
      at: async (size) => (size === SIZE ? published(size) : undefined),
    },
    hint: async ({ owner, id }) => {
      hints.push({ owner, exportId: id, messageId: id });
    },
    newExportId: () => `exp_${ulid()}`,
    newCommandId: () => `cmd_${ulid()}`,
    now: () => clock,
    pause: async (ms) => {
      clock += ms;
      await meanwhile();
    },
    log: { info() {}, error() {} },
  };
});
beforeEach(() => {
  hints = [];
  meanwhile = async () => {};
});
afterAll(async () => {
  await Promise.all([mine.stop(), store.stop()]);
});

const people = { find: async (subject: string) => ({ otto: 'per_otto', ada: 'per_1' })[subject] ?? null };

const asking = (target: string, subject = 'otto', role: 'auditor' | 'administrator' = 'auditor') => ({
  role,
  person: personWith(subject, role),
  actor: async () => ({ id: subject === 'ada' ? 'per_1' : `per_${subject}`, role, session: 'ses_1' }),
  time: new Date(clock).toISOString(),
  ...paramsOf(target),
});
function paramsOf(target: string) {
  const [, id = '', name = ''] = /exports\/([^/]+)(?:\/files\/(.+))?$/.exec(target) ?? [];
  return { params: { id, name } };
}

const post = (
  body: unknown,
  { key = ulid(), ...who }: { key?: string; subject?: string; role?: 'administrator' } = {},
) =>
  requestExport(
    desk,
    people,
  )(
    callOf('/v1/audit/exports', {
      ...asking('', who.subject, who.role),
      method: 'POST',
      route: 'POST /v1/audit/exports',
      headers: { 'idempotency-key': key },
      body: async () => ({ value: body, form: false }),
    }),
  );
const get = (target: string, subject?: string) => getExport(desk)(callOf(target, asking(target, subject)));
const download = (target: string, subject?: string) =>
  downloadExport(desk, objects)(callOf(target, asking(target, subject)));

const write = () =>
  writeBatch({
    slice: {
      exports: desk.exports,
      objects,
      planOf: (job) => planOf(job, needsOf(log, objects)),
      now: () => clock,
      newHolder: ulid,
      log: desk.log,
    },
    hint: desk.hint,
  })(hints.splice(0));

interface Shown {
  id: string;
  state: string;
  rows: number;
  files: { name: string; url: string; bytes: number | null }[];
}
const shown = ({ body }: Answer) => body as Shown;
const codeOf = ({ body }: Answer) => (body as { code: string }).code;

const linesOf = (wanted: (n: number) => boolean) =>
  entries
    .flatMap((entry, index) => {
      const bytes = encodeEntry(entry);
      return wanted(index) ? [jsonLine({ entry: JSON.parse(bytes), index, bytes })] : [];
    })
    .reverse()
    .join('');

describe('an export that is asked for', () => {
  it('is written, read and fetched, and the trail says so', async () => {
    const asked = await post({ query: { commitment: 'cmt_3' }, format: 'jsonl' });
    expect(asked.status).toBe(201);
    expect(shown(asked)).toMatchObject({
      state: 'waiting',
      query: { commitment: 'cmt_3', order: 'desc' },
      checkpoint: SIZE,
    });
    const path = asked.headers?.['location'] ?? '';
    await write();
    const done = await get(path);
    expect(shown(done)).toMatchObject({ state: 'done', rows: 143, total: 143, progress: 1 });
    const answer = await download(shown(done).files[0]?.url ?? '');
    expect(answer.status).toBe(307);
    const file = await fetch(answer.headers?.['location'] ?? '');
    expect(file.headers.get('content-disposition')).toContain('entries.jsonl');
    expect(await file.text()).toBe(linesOf((n) => n % 7 === 3));

    const { id } = shown(asked);
    const records = events(mine.client, mine.tables.commands, 'refusal');
    const told = await records.after(`acts.${id}`, 0, 10);
    const acted = told.map(({ bytes }) => JSON.parse(bytes) as { action: string; data: { facts: object } });
    expect(acted.map(({ action }) => action)).toEqual(['export-trail', 'download-export']);
    expect(acted[0]?.data.facts).toMatchObject({ format: 'jsonl', checkpoint: SIZE });
    expect(acted[1]?.data.facts).toMatchObject({ file: 'entries.jsonl', bytes: shown(done).files[0]?.bytes });
  });

  it('is the same one when it is asked for again, and a key stands for one body', async () => {
    const first = await post({ format: 'csv' }, { key: 'same' });
    const again = await post({ format: 'csv' }, { key: 'same' });
    expect(shown(again).id).toBe(shown(first).id);
    expect(again.headers).toMatchObject({ 'idempotency-replayed': 'true' });
    expect(codeOf(await post({ format: 'jsonl' }, { key: 'same' }))).toBe('idempotency-key-reused');
    expect(hints).toHaveLength(1);
    await write();
  });

  it('is nobody else’s', async () => {
    const { id } = shown(await post({ format: 'csv' }));
    expect((await get(`/v1/audit/exports/${id}`, 'eve')).status).toBe(404);
    expect((await download(`/v1/audit/exports/${id}/files/entries.csv`, 'eve')).status).toBe(404);
    const list = await listExports(desk)(callOf('/v1/audit/exports', asking('', 'eve')));
    expect((list.body as { data: unknown[] }).data).toEqual([]);
    for (const query of ['state=done', `cursor=${Buffer.from('1 cmt_1').toString('base64url')}`])
      expect(await listExports(desk)(callOf(`/v1/audit/exports?${query}`, asking('')))).toMatchObject({
        status: 400,
        body: { code: 'malformed-query' },
      });
    await write();
  });

  it('shows an administrator their own entries alone', async () => {
    const asked = await post({ format: 'jsonl' }, { subject: 'ada', role: 'administrator' });
    await write();
    expect(shown(await get(`/v1/audit/exports/${shown(asked).id}`, 'ada')).rows).toBe(
      entries.filter(({ actor }) => actor.id === 'per_1').length,
    );
  });

  it.each([
    [{ format: 'pdf' }, '/format'],
    [{ format: 'csv', query: { statsu: 'x' } }, '/query/statsu'],
    [{ format: 'csv', checkpoint: 17 }, '/checkpoint'],
    [{ format: 'csv', query: { sample: 5 } }, '/query/seed'],
    [{ format: 'csv', limit: 5 }, '/limit'],
  ])('is refused where it can not be read: %j', async (body, pointer) => {
    const answer = await post(body);
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ errors: [{ pointer }] });
    expect(hints).toEqual([]);
  });

  it('waits for a file that is being written, and sends the client round while it is', async () => {
    const { id } = shown(await post({ format: 'parquet' }));
    const path = `/v1/audit/exports/${id}/files/entries.parquet`;
    const early = await download(path);
    expect(early).toMatchObject({ status: 307, headers: { location: path } });
    meanwhile = write;
    const late = await download(path);
    expect(late.headers?.['location']).toContain('X-Amz-Signature');
  });

  it('goes on when somebody looks, where its message was lost', async () => {
    const { id } = shown(await post({ format: 'csv' }));
    hints = [];
    await get(`/v1/audit/exports/${id}`);
    expect(hints).toEqual([]);
    clock += 30_000;
    await get(`/v1/audit/exports/${id}`);
    expect(hints).toHaveLength(1);
    await get(`/v1/audit/exports/${id}`);
    expect(hints).toHaveLength(1);
    await write();
    expect(shown(await get(`/v1/audit/exports/${id}`)).state).toBe('done');
  });

  it('fails with a reason where the log lacks what it says it has', async () => {
    const { id } = shown(await post({ format: 'jsonl' }));
    const [path, bundle] = [...log.files][0] ?? [''];
    log.files.delete(path);
    for (let n = 0; n < 10 && hints.length > 0; n += 1) await write();
    if (bundle) log.files.set(path, bundle);
    expect(shown(await get(`/v1/audit/exports/${id}`)).state).toBe('failed');
    const answer = await download(`/v1/audit/exports/${id}/files/entries.jsonl`);
    expect(codeOf(answer)).toBe('export-failed');
  });

  it('draws a sample that can be drawn again', async () => {
    const asked = await post({
      format: 'jsonl',
      query: { sample: 25, seed: 'the auditor’s', outcome: 'success', order: 'asc' },
    });
    await write();
    const { files, rows } = shown(await get(`/v1/audit/exports/${shown(asked).id}`));
    expect(rows).toBe(25);
    const link = await download(files[1]?.url ?? '');
    const manifest = (await (await fetch(link.headers?.['location'] ?? '')).json()) as {
      sample: { indices: number[]; population: number };
    };
    expect(manifest.sample.population).toBe(800);
    expect(manifest.sample.indices).toHaveLength(25);
    const file = await fetch((await download(files[0]?.url ?? '')).headers?.['location'] ?? '');
    const lines = (await file.text()).trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { index: number }).index)).toEqual(
      manifest.sample.indices,
    );
  });

  it('takes over from a list that is too long, once for each question', async () => {
    const query: TrailQuery = { order: 'desc', target: 'cmt_3' };
    const list = () =>
      startExport(desk)(
        callOf('/v1/audit/entries', { ...asking(''), route: 'GET /v1/audit/entries' }),
        query,
        'csv',
        SIZE,
      );
    const [one, other] = [await list(), await list()];
    expect(one.status).toBe(303);
    expect(other.headers?.['location']).toBe(one.headers?.['location']);
    await write();
    expect((await download(one.headers?.['location'] ?? '')).headers?.['location']).toContain(
      'X-Amz-Signature',
    );
  });
});
