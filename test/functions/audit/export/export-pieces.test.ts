import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Chunk, Writing } from '../../../../functions/audit/export/export-chunk.ts';
import { recordsOf } from '../../../../functions/audit/export/export-records.ts';
import { checkpointsOf, tableOf } from '../../../../functions/audit/export/export-table.ts';
import type { EventRecord } from '../../../../shared/record/event-record.ts';
import type { Learned, Position } from '../../../../shared/store/export-job.ts';
import type { Batch } from '../../../../shared/store/log-batches.ts';
import { entryAt, logOf, needsOf } from '../../../kit/export-log.ts';

/** Chunks from a position on, up to a number of them, and what had been learned by then. */
async function chunksFrom(writing: Writing, position: Position | null, learned: Learned, most = Infinity) {
  const chunks: Chunk[] = [];
  for await (const chunk of writing.from(position, { kept: [], bytes: 0, learned })) {
    chunks.push(chunk);
    if (chunks.length >= most && chunk.after) break;
  }
  return chunks;
}

const linesIn = (chunks: readonly Chunk[]) =>
  Buffer.concat(chunks.map(({ bytes }) => bytes))
    .toString()
    .split('\n')
    .slice(0, -1);

/** Whatever the positions at which writers were followed by others. */
async function holdsAnywhere(writing: Writing, expected: readonly string[]): Promise<Learned | undefined> {
  let last: Learned | undefined;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 5 }), async (cuts) => {
      const all: Chunk[] = [];
      let position: Position | null = null;
      for (const most of [...cuts, Infinity]) {
        const learned: Learned = all.findLast((chunk) => chunk.learned)?.learned ?? {};
        all.push(...(await chunksFrom(writing, position, learned, most)));
        position = all.at(-1)?.after ?? null;
      }
      expect(linesIn(all)).toEqual(expected);
      last = all.findLast((chunk) => chunk.learned)?.learned;
    }),
    { numRuns: 25 },
  );
  return last;
}

describe('the records of a bundle', () => {
  const lengths: Record<string, number> = {
    'acts.x': 3,
    cmt_a: 450,
    cmt_b: 1,
    'refusals.cmt_a': 900,
    rollups: 2,
  };
  const record = (stream: string, sequence: number): EventRecord => ({
    stream,
    sequence,
    bytes: 'b'.repeat(2000),
    hash: '',
    texts: sequence % 2 ? { title: ['a text', 'salt'] } : {},
  });
  const expected = Object.entries(lengths).flatMap(([stream, length]) =>
    Array.from({ length }, (_, n) => JSON.stringify(record(stream, n + 1))),
  );

  it('are all there, streams by name and records in order, whoever goes on with them', async () => {
    const needs = needsOf(logOf([]), { async *read() {} });
    const writing = recordsOf({
      ...needs,
      // One is known by its response alone: nothing of it has its place in the log.
      streams: {
        async *all() {
          for (const stream of ['cmt_b', 'acts.x', 'refusals.cmt_a', 'integrity.cmt_b'])
            yield { stream, sequence: 1, recordHash: '', index: 0 };
        },
      },
      responses: { all: async () => [{ id: 'rsp_1' }] as never },
      commitments: { ofResponse: async () => [{ card: { id: 'cmt_a' } }] as never },
      recordsOf: (stream) => ({
        after: async (_, sequence, limit) =>
          Array.from({ length: lengths[stream] ?? 0 }, (__, n) => record(stream, n + 1)).slice(
            sequence,
            sequence + limit,
          ),
      }),
    });
    await holdsAnywhere(writing, expected);
  });
});

describe('the rows of a bundle', () => {
  it('are looked up by the entries of the log, one for each, and name the days that were counted', async () => {
    const entries = Array.from({ length: 1300 }, (_, n) => entryAt(n));
    const counted = {
      day: '2026-11-02',
      streams: 1,
      records: 1,
      sha256: 'a'.repeat(64),
      logSize: 3,
      batches: 1,
      maxDelayMs: 1,
    };
    const [first] = entries;
    if (first) entries[700] = { ...first, stream: 'manifests', manifest: counted };
    const writing = tableOf(logOf(entries), entries.length, {
      at: async (keys) => keys.map((key) => ({ index: null, key, bytes: null, others: {}, item: null })),
    });
    const expected = entries.map(({ stream, sequence }) =>
      JSON.stringify({
        index: null,
        key: { pk: stream, sk: `A#${String(sequence).padStart(10, '0')}` },
        bytes: null,
        others: {},
        item: null,
      }),
    );
    expect((await holdsAnywhere(writing, expected))?.days).toEqual(['2026-11-02']);
  });
});

describe('the checkpoints of a bundle', () => {
  it('are those up to its own', async () => {
    const batches = Array.from(
      { length: 1000 },
      (_, n): Batch => ({
        first: n * 3,
        size: n * 3 + 3,
        time: '2026-11-24T00:00:00.000Z',
        maxRecordedAt: '',
        delayMs: 0,
        maxDelayMs: 0,
        note: `note ${n}\n`,
      }),
    );
    const from = async (index: number, limit: number) =>
      batches.filter(({ first }) => first >= index).slice(0, limit);
    const expected = batches
      .slice(0, 700)
      .map(({ size, time, note }) => JSON.stringify({ size, time, note }));
    await holdsAnywhere(checkpointsOf({ from }, 2100), expected);
  });
});
