import { describe, expect, it } from 'vitest';
import { busEntry, size } from '../../../functions/outbox/entry.ts';
import { canonical, sha256 } from '../../../shared/record/canonical.ts';
import type { EventRecord } from '../../../shared/record/event-record.ts';
import { progress } from './records.ts';

describe('the entry of a record', () => {
  it('carries the CloudEvent, with source, type and time repeated for the rules', () => {
    const entry = busEntry(progress('cmt_a', 4));
    if ('unfit' in entry) throw new Error(entry.unfit);
    expect(entry).toMatchObject({
      source: 'followthrough',
      detailType: 'followthrough.commitment.progress_reported',
      time: '2026-11-24T10:00:00.000Z',
    });
    expect(JSON.parse(entry.detail)).toMatchObject({
      specversion: '1.0',
      id: 'cmt_a/4',
      source: 'followthrough',
      type: 'followthrough.commitment.progress_reported',
      subject: 'cmt_a',
      sequence: 4,
      data: { narrative: 'It moves.', progress: 4, action: 'report-progress' },
    });
  });

  it('sends refusals under a source of their own, so that only the audit rule takes them', () => {
    const entry = busEntry(refusal());
    expect(entry).toMatchObject({ source: 'followthrough.refusals', detailType: 'followthrough.refusal' });
    expect(JSON.parse('detail' in entry ? entry.detail : '')).toMatchObject({
      source: 'followthrough.refusals',
      subject: 'refusals.cmt_a',
      data: { code: 'forbidden', target: { id: 'cmt_a' } },
    });
  });

  it('sends acts there too: whose subscription changes is not for the world', () => {
    const record = refusal({ stream: 'acts.sub_a', type: 'followthrough.act' });
    expect(busEntry(record)).toMatchObject({
      source: 'followthrough.refusals',
      detailType: 'followthrough.act',
    });
  });

  it('is counted as EventBridge counts: 14 bytes of time, UTF-8 of the rest', () => {
    expect(size({ source: 'ab', detailType: 'cde', detail: '"ü€"', time: '2026-11-24T10:00:00.000Z' })).toBe(
      14 + 2 + 3 + 7,
    );
  });

  it('does not exist for bytes that are no JSON, even with their right hash', () => {
    expect(busEntry({ ...progress('cmt_a', 1), bytes: '{', hash: sha256('{') })).toEqual({
      unfit: 'unreadable',
    });
  });
});

function refusal({ stream = 'refusals.cmt_a', type = 'followthrough.refusal' } = {}): EventRecord {
  const bytes = canonical({
    v: 1,
    stream,
    sequence: 1,
    type,
    time: '2026-11-24T10:00:00.000Z',
    previousHash: null,
    actor: { id: 'per_1', role: 'focal-point' },
    action: 'verify',
    command: 'cmd_1',
    correlation: 'req_1',
    data: { target: { type: 'commitment', id: 'cmt_a' }, code: 'forbidden', status: 403, route: 'POST /x' },
  });
  return { stream, sequence: 1, bytes, hash: sha256(bytes), texts: {} };
}
