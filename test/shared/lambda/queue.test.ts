import type { SQSEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { queueDoor, readBusMessage } from '../../../shared/lambda/queue.ts';

const event = { specversion: '1.0', id: 'cmt_1/1', subject: 'cmt_1', sequence: 1, type: 't', data: {} };
const batch = (...bodies: unknown[]): SQSEvent =>
  ({
    Records: bodies.map((body, index) => ({
      messageId: `m${index}`,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })),
  }) as unknown as SQSEvent;

function door(answer: string[] | Error) {
  const handled: string[][] = [];
  const logged: unknown[] = [];
  const handler = queueDoor(
    readBusMessage,
    async (messages) => {
      handled.push(
        messages.map(({ messageId, event, replay }) => `${messageId} ${event.id}${replay ? ' replay' : ''}`),
      );
      if (answer instanceof Error) throw answer;
      return answer;
    },
    { info: () => undefined, error: (_, fields) => logged.push(fields?.['messageId']) },
  );
  return { take: (sqs: SQSEvent) => handler(sqs, {} as never), handled, logged };
}
const again = (...ids: string[]) => ({
  batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
});

describe('the queue door', () => {
  it('hands over a batch at once and lets come again what the handler names', async () => {
    const { take, handled } = door(['m1']);
    expect(
      await take(batch({ detail: event }, { detail: { ...event, id: 'cmt_1/2', sequence: 2 } })),
    ).toEqual(again('m1'));
    expect(handled).toEqual([['m0 cmt_1/1', 'm1 cmt_1/2']]);
  });

  it('knows a replay of the archive', async () => {
    const { take, handled } = door([]);
    await take(batch({ detail: event, 'replay-name': 'arn' }));
    expect(handled).toEqual([['m0 cmt_1/1 replay']]);
  });

  it.each<unknown>([
    'no JSON',
    'null',
    '[]',
    {},
    { detail: null },
    { detail: { ...event, specversion: '0.3' } },
    { detail: { ...event, subject: undefined } },
    { detail: { ...event, sequence: '1' } },
    { detail: { ...event, sequence: 1.5 } },
  ])('lets a poison message come again alone: %j', async (poison) => {
    const { take, handled, logged } = door([]);
    expect(await take(batch({ detail: event }, poison, { detail: event }))).toEqual(again('m1'));
    expect(handled).toEqual([['m0 cmt_1/1', 'm2 cmt_1/1']]);
    expect(logged).toEqual(['m1']);
  });

  it('calls nobody where nothing can be read', async () => {
    const { take, handled } = door([]);
    expect(await take(batch('x', 'y'))).toEqual(again('m0', 'm1'));
    expect(handled).toEqual([]);
  });

  it('lets the whole batch come again where the handler throws', async () => {
    await expect(door(new Error('throttled')).take(batch({ detail: event }))).rejects.toThrow('throttled');
  });
});
