import { describe, expect, it } from 'vitest';
import { type Inserted, streamDoor } from '../../../shared/lambda/stream.ts';
import { progress, streamed } from '../../functions/outbox/records.ts';

const silent = { info: () => {}, error: () => {} };
const context = {} as never;

describe('the stream door', () => {
  it('reads images as Lambda brings them, binaries in base64, and passes inserted records only', async () => {
    const record = progress('cmt_a', 1);
    const batches: Inserted[][] = [];
    const handler = streamDoor(async (batch) => {
      batches.push(batch);
      return null;
    }, silent);
    const answer = await handler(
      {
        Records: [
          streamed(record, '1'),
          streamed(record, '2', { eventName: 'MODIFY' }),
          {
            eventName: 'INSERT',
            dynamodb: { Keys: { sk: { S: 'S#head' } }, NewImage: {}, SequenceNumber: '3' },
          },
          { eventName: 'REMOVE', dynamodb: { Keys: { sk: { S: 'E#0000000001' } }, SequenceNumber: '4' } },
          streamed({ ...record, stream: 'refusals.cmt_a' }, '5', { refusal: true }),
        ],
      },
      context,
    );
    expect(batches).toEqual([
      [
        { sequenceNumber: '1', record },
        { sequenceNumber: '5', record: { ...record, stream: 'refusals.cmt_a' } },
      ],
    ]);
    expect(answer).toEqual({ batchItemFailures: [] });
  });

  it('hands on what can not be read, so that it fails in its place', async () => {
    const broken = streamed(progress('cmt_a', 1), '1');
    if (broken.dynamodb?.NewImage) broken.dynamodb.NewImage['texts'] = { S: '{' };
    const handler = streamDoor(
      async ([first]) => (first?.record === null ? first.sequenceNumber : null),
      silent,
    );
    expect(await handler({ Records: [broken] }, context)).toEqual({
      batchItemFailures: [{ itemIdentifier: '1' }],
    });
  });

  it('lets what is thrown through: Lambda then halves the batch', async () => {
    const handler = streamDoor(async () => Promise.reject(new Error('poison')), silent);
    await expect(handler({ Records: [streamed(progress('cmt_a', 1), '1')] }, context)).rejects.toThrow(
      'poison',
    );
  });
});
