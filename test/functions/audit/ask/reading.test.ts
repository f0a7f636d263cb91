import { expect, it } from 'vitest';
import { entryReading, listReading, viewReading } from '../../../../functions/audit/ask/reading.ts';
import { sha256 } from '../../../../shared/record/canonical.ts';
import { newId } from '../../../../shared/runtime/ids.ts';
import { callOf } from '../../../kit/call.ts';

const [reader, ann, commitment] = [newId('per'), newId('per'), newId('cmt')];
const people = { find: async (subject: string) => (subject === 'ann@example.org' ? ann : null) };
const actor = async () => ({ id: reader, role: 'auditor' });
const json = { status: 200 };

const seen = (query: string, answer = json) =>
  listReading(people)(callOf(`/v1/audit/entries?${query}`, { actor }), answer);
const asked = async (query: string) => JSON.parse(String((await seen(query))?.facts?.['query']));

it('tells of the trail, in the stream of the reader, whichever commitment was asked for', async () => {
  expect(await seen('limit=2')).toEqual({
    action: 'read-trail',
    target: { type: 'trail', id: 'entries' },
    part: reader,
    facts: { query: '{"order":"desc"}' },
  });
  const one = await seen(`commitment=${commitment}`);
  expect(one).toMatchObject({
    target: { type: 'trail', id: 'entries' },
    part: reader,
    facts: { query: `{"order":"desc","target":"${commitment}"}` },
  });
});

it('is one reading, however many pages it takes', async () => {
  expect(await seen('cursor=abc')).toBeNull();
});

it('is an export where it comes as a file', async () => {
  const answer = { status: 200, headers: { 'content-type': 'text/csv; charset=utf-8' } };
  expect(await seen('', answer)).toMatchObject({ action: 'export-trail', facts: { media: 'text/csv' } });
});

it('keeps ids, verbs and times as they are, and names a person by the pseudonym', async () => {
  const query = `actor=ann%40example.org&action=report-progress&from=2026-11-24&outcome=refused&late=5&commitment=${commitment}`;
  expect(await asked(query)).toEqual({
    actor: ann,
    action: 'report-progress',
    from: '2026-11-24T00:00:00.000Z',
    outcome: 'refused',
    late: 5,
    target: commitment,
    order: 'desc',
  });
  expect(await asked(`actor=${ann}`)).toMatchObject({ actor: ann });
  expect(await asked('action=return')).toMatchObject({ action: 'return' });
  expect(await asked('action=sign-in')).toMatchObject({ action: 'sign-in' });
});

it('keeps no text that the reader wrote', async () => {
  const text = 'Eva Example';
  const one = await seen(
    `actor=${text}&action=${text}&commitment=${text}&sample=3&seed=${encodeURIComponent(text)}`,
  );
  expect(JSON.stringify(one)).not.toContain('Eva');
  const hash = `sha256:${sha256(text)}`;
  expect(JSON.parse(String(one?.facts?.['query']))).toEqual({
    actor: hash,
    action: hash,
    target: hash,
    order: 'desc',
    sample: { size: 3, seed: hash },
  });
  expect(one?.target).toEqual({ type: 'trail', id: 'entries' });
});

it('tells about what another view was asked, once for all its pages', async () => {
  const view = (query: string) => viewReading('custody')(callOf(`/v1/audit/custody?${query}`, { actor }));
  expect(await view(`commitment=${commitment}`)).toEqual({
    action: 'read-trail',
    target: { type: 'trail', id: 'entries' },
    part: reader,
    facts: { what: 'custody', commitment },
  });
  expect((await view('commitment=Eva&evidence=Eva'))?.facts).toEqual({ what: 'custody' });
  expect(await view('cursor=x')).toBeNull();
});

it('tells which entry, proof or bundle was seen, where it has a number', async () => {
  const at = (params: Record<string, string>) => callOf('/', { actor, params });
  expect(await entryReading('proof')(at({ index: '17' }))).toEqual({
    action: 'read-trail',
    target: { type: 'trail', id: 'entries' },
    part: reader,
    facts: { what: 'proof', index: '17' },
  });
  expect((await entryReading('bundle')(at({ path: 'x001/234.p/56' }))).facts).toEqual({
    what: 'bundle',
    path: 'x001/234.p/56',
  });
  expect((await entryReading('entry')(at({ index: 'Eva' }))).facts).toEqual({ what: 'entry' });
});
