import { describe, expect, it } from 'vitest';
import { EVENT_TYPES } from '../../../shared/commitment/event.ts';
import { canonical } from '../../../shared/record/canonical.ts';
import type { AuditEntry } from '../../../shared/trail/entry.ts';
import { entryOf } from '../../../shared/trail/of-record.ts';
import { everyType } from '../../kit/every-type.ts';
import { ID } from '../../kit/given.ts';
import { chained } from '../../kit/records.ts';

const NOW = '2026-11-24T12:00:00.000Z';
const entries = new Map(
  chained(ID, everyType).map((record, index): [string, AuditEntry] => [
    everyType[index]?.type ?? '',
    entryOf(record, NOW),
  ]),
);
const of = (type: string): AuditEntry => {
  const entry = entries.get(type);
  if (!entry) throw new Error(`no entry of ${type}`);
  return entry;
};

describe('the entry of an event', () => {
  it.each(Object.values(EVENT_TYPES))('%s: holds no free text', (type) => {
    expect(canonical(of(type))).not.toMatch(/free text|https?:/);
  });

  it('says what it happened to', () => {
    expect(of(EVENT_TYPES.registered).target).toEqual({ type: 'commitment', id: ID });
    expect(of(EVENT_TYPES.responseRegistered).target).toEqual({ type: 'response', id: ID });
  });

  it('says what changed, before and after where the event knows both', () => {
    const { from, to } = dataOf(EVENT_TYPES.statusChanged);
    expect(of(EVENT_TYPES.statusChanged).changes).toEqual(
      expect.arrayContaining([
        { op: 'test', path: '/status', value: from },
        { op: 'replace', path: '/status', value: to },
      ]),
    );
    expect(of(EVENT_TYPES.registered).changes).toEqual([
      { op: 'add', path: '/status', value: 'reported_complete' },
      { op: 'add', path: '/due/date', value: '2024-03-31' },
    ]);
    expect(of(EVENT_TYPES.progressReported).changes).toEqual([
      { op: 'replace', path: '/occurrences/0/status', value: 'in_progress' },
      { op: 'replace', path: '/occurrences/0/progress', value: 40 },
    ]);
    const { n, due } = dataOf(EVENT_TYPES.extensionGranted);
    expect(of(EVENT_TYPES.extensionGranted).changes).toEqual([
      { op: 'replace', path: `/extensions/${Number(n) - 1}/decision`, value: 'granted' },
      { op: 'replace', path: '/due/date', value: due },
    ]);
  });

  it('keeps the reason code, which is no text', () => {
    const { reasonCode } = dataOf(EVENT_TYPES.statusChanged);
    expect(reasonCode).toBeDefined();
    expect(of(EVENT_TYPES.statusChanged).reasonCode).toBe(reasonCode);
  });

  it('tells when it is said to have happened from when it was taken in', () => {
    expect(of(EVENT_TYPES.registered)).toMatchObject({
      claimedAt: '2026-11-24T10:00:00.000Z',
      recordedAt: NOW,
    });
  });
});

const dataOf = (type: string) =>
  (everyType.find((happened) => happened.type === type)?.data ?? {}) as Record<string, unknown>;
