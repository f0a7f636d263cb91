import { describe, expect, it } from 'vitest';
import { makeDelivery, type Parcel } from '../../../../local/host/bus/delivery.ts';
import type { FunctionRunner } from '../../../../local/host/functions/runner.ts';
import type { Queue } from '../../../../local/host/provision/queues.ts';
import type { Json, Services } from '../../../../local/host/services.ts';

const queueOf = (arn: string): Queue | undefined =>
  arn.startsWith('queue') ? { name: arn, label: arn, url: arn, arn, fifo: arn.endsWith('.fifo') } : undefined;

/** A delivery over queues that fail as `fails` says: `all` (no answer), a body (that entry), or not. */
function deliveryWith(
  fails: (queue: string, attempt: number) => string | undefined,
  runner?: FunctionRunner,
) {
  const queues: Record<string, Json[]> = {};
  const attempts: Record<string, number> = {};
  const sqs = async (
    operation: string,
    body: { QueueUrl: string; Entries: Json[]; MessageBody?: string },
  ) => {
    const { QueueUrl } = body;
    const entries = operation === 'SendMessage' ? [{ ...body, Id: '0' } as Json] : body.Entries;
    attempts[QueueUrl] = (attempts[QueueUrl] ?? 0) + 1;
    const failing = fails(QueueUrl, attempts[QueueUrl]);
    if (failing === 'all') throw new Error('away');
    const failed = entries.filter((entry) => entry['MessageBody'] === failing);
    queues[QueueUrl] = [...(queues[QueueUrl] ?? []), ...entries.filter((entry) => !failed.includes(entry))];
    return { Failed: failed.map(({ Id }) => ({ Id })) };
  };
  const deliver = makeDelivery({
    ...{ services: { sqs } as unknown as Services, queueOf, runnerOf: () => runner, log: () => {} },
    asynchronous: new Map([['fn', { maximumRetries: 1, onFailureArn: 'queue-failed' }]]),
  });
  const bodies = (queue: string) => (queues[queue] ?? []).map((entry) => entry['MessageBody']);
  return { deliver, queues, attempts, bodies };
}

function parcels(arn: string, count: number, more: Partial<Parcel['target']> = {}): Parcel[] {
  const target = { arn, ...more };
  return Array.from({ length: count }, (_, n) => ({ target, id: `id-${n}`, body: `${n}` }));
}

describe('delivery', () => {
  it('sends at most ten messages a call', async () => {
    const { deliver, attempts, bodies } = deliveryWith(() => undefined);
    expect((await deliver(parcels('queue', 12))).size).toBe(0);
    expect([attempts['queue'], bodies('queue').length]).toEqual([2, 12]);
  });

  it('sends again what failed, and only that', async () => {
    const { deliver, bodies } = deliveryWith((_queue, attempt) => (attempt < 3 ? '1' : undefined));
    expect((await deliver(parcels('queue', 3))).size).toBe(0);
    expect(bodies('queue')).toEqual(['0', '2', '1']);
  });

  it('turns to the dead-letter queue in the end', async () => {
    const { deliver, bodies } = deliveryWith((queue) => (queue === 'queue' ? '1' : undefined));
    const lost = await deliver(parcels('queue', 3, { deadLetterArn: 'queue-dead' }));
    expect([lost.size, bodies('queue'), bodies('queue-dead')]).toEqual([0, ['0', '2'], ['1']]);
  });

  it('answers what reached neither', async () => {
    const { deliver } = deliveryWith(() => 'all');
    const all = parcels('queue', 2, { deadLetterArn: 'queue-dead' });
    expect(await deliver(all)).toEqual(new Set(all));
  });

  it('gives a FIFO queue the group of the target and one id per event', async () => {
    const { deliver, queues } = deliveryWith(() => undefined);
    await deliver(parcels('queue.fifo', 2, { messageGroupId: 'g' }));
    const sent = queues['queue.fifo'] ?? [];
    expect(sent.map((entry) => entry['MessageGroupId'])).toEqual(['g', 'g']);
    expect(new Set(sent.map((entry) => entry['MessageDeduplicationId'])).size).toBe(2);
  });

  it('retries a function as its asynchronous rules say, then keeps the event', async () => {
    let count = 0;
    const invoke = async () => {
      count++;
      return { ok: false, payload: '{"errorType":"Error"}', requestId: 'r' };
    };
    const runner = { definition: { name: 'fn', arn: 'arn:fn' }, invoke } as unknown as FunctionRunner;
    const { deliver, bodies } = deliveryWith(() => undefined, runner);
    expect((await deliver(parcels('fn', 1))).size).toBe(0);
    expect(count).toBe(2);
    expect(JSON.parse(String(bodies('queue-failed')[0]))).toMatchObject({
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 2 },
      requestPayload: 0,
      responsePayload: { errorType: 'Error' },
    });
  });
});
