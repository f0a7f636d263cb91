import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EVENT_TYPES, type Event, TEXTS } from '../../shared/commitment/event.ts';
import { fold } from '../../shared/commitment/evolve.ts';
import { sha256 } from '../../shared/record/canonical.ts';
import { type EventRecord, type Hashed, open, textHash } from '../../shared/record/event-record.ts';
import { cloudEvent } from '../../shared/store/cloud-event.ts';

/**
 * Records as version 1 wrote them, and the events they opened to. These files are never changed: a record that was written once
 * is read for ever. A new type, or a new field of one, adds a file.
 */
interface Sample {
  file: string;
  record: EventRecord;
  event: Event;
}

const folder = resolve(import.meta.dirname, 'v1');
const samples: Sample[] = readdirSync(folder).map((file) => ({
  file,
  ...(JSON.parse(readFileSync(resolve(folder, file), 'utf8')) as Omit<Sample, 'file'>),
}));
const ofCommitment = samples
  .filter(({ record }) => record.stream.startsWith('cmt_'))
  .sort((a, b) => a.record.sequence - b.record.sequence);

describe('records of version 1', () => {
  it('are there for every type of today', () => {
    const known = new Set<string>(samples.map(({ event }) => event.type));
    expect(Object.values(EVENT_TYPES).filter((type) => !known.has(type))).toEqual([]);
  });

  it.each(samples)('open to what they opened to: $file', ({ record, event }) => {
    expect(open(record)).toEqual(event);
  });

  it.each(samples)('hold: $file', ({ record }) => {
    expect(sha256(record.bytes)).toBe(record.hash);
    const hashes = JSON.stringify((JSON.parse(record.bytes) as Hashed).data);
    for (const [text, salt] of Object.values(record.texts)) expect(hashes).toContain(textHash(text, salt));
  });

  it.each(samples)('open without their texts: $file', ({ record, event }) => {
    const bare = open({ ...record, texts: {} });
    expect(JSON.stringify(bare)).not.toContain('free text');
    expect(Object.keys(bare.data)).toEqual(Object.keys(open(record).data));
    expect(TEXTS[event.type]).toBeDefined();
  });

  it.each(samples)('travel as CloudEvents with the same identity: $file', ({ record, event }) => {
    expect(cloudEvent(record)).toMatchObject({
      specversion: '1.0',
      id: `${event.stream}/${event.sequence}`,
      source: 'followthrough',
      type: event.type,
      subject: event.stream,
      time: event.time,
      sequence: event.sequence,
      data: event.data,
    });
  });

  it('are a chain', () => {
    const before = ofCommitment.map(({ record }) => (JSON.parse(record.bytes) as Hashed).previousHash);
    expect(before).toEqual([null, ...ofCommitment.slice(0, -1).map(({ record }) => record.hash)]);
  });

  it('fold to the commitment they folded to', () => {
    const state = fold(ofCommitment.map(({ record }) => open(record)));
    expect(state?.card).toMatchObject({
      reference: 'IOM-MR-052',
      quote: 'A quote as free text',
      systems: ['ERP', 'PRIMA'],
    });
    expect(state?.head).toEqual({
      status: 'closed_not_implemented',
      progress: null,
      narrative: 'A narrative as free text: “été” 🎯\n',
      due: { date: '2024-12-31', precision: 'year', kind: 'complete', text: null },
      originalDue: {
        date: '2024-03-31',
        precision: 'quarter',
        kind: 'complete',
        text: 'A date as free text',
      },
      amounts: [
        {
          amount: 2_300_000_000,
          currency: 'USD',
          note: 'A note as free text',
          secured: 900_719_925_474_099,
          sharedKey: 'iosf',
        },
        { amount: 5, currency: 'CHF', note: null, secured: 0 },
        { amount: 7, currency: 'EUR', note: 'Another note as free text', secured: 0 },
      ],
      claimedOn: '2024-01-24',
      reporters: ['psn_00000000000000000000000002'],
      reportedAt: '2026-11-02T08:30:00.000Z',
      closure: { reasonCode: 'not_feasible', reason: 'A reason as free text' },
      supersededBy: null,
      evidence: 2,
      extensions: 1,
      occurrences: 1,
      version: 7,
      updatedAt: '2026-11-07T08:30:00.000Z',
    });
  });

  it('fold without their texts too', () => {
    const state = fold(ofCommitment.map(({ record }) => open({ ...record, texts: {} })));
    expect(state?.head).toMatchObject({ status: 'closed_not_implemented', narrative: null, version: 7 });
    expect(JSON.stringify(state)).not.toContain('free text');
  });
});
