import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { throttle, transactionConflict } from '../../local/host/faults.ts';
import { type InProcess, startInProcess } from '../kit/in-process.ts';
import { type Receiver, startReceiver } from '../kit/receiver.ts';
import { registerCommitment, registerResponse } from '../kit/sample.ts';
import { until } from '../kit/wait.ts';

/** What the way from the table to the consumers may do to an event: lose its order, repeat it, fail, stand still. */
const CONSUMERS = ['audit-record', 'rollups-project', 'notifications-match', 'feed-append'] as const;

let all: InProcess;
let receiver: Receiver;
let responseId: string;

beforeAll(async () => {
  receiver = await startReceiver();
  all = await startInProcess({ WEBHOOK_RETRY_SCHEDULE: '0,1,1,1,2,2' });
  responseId = await registerResponse(all);
  const { status } = await all.call('POST /v1/subscriptions', {
    as: 'auditor',
    body: { channel: { type: 'webhook', url: `${receiver.url}/hook` } },
  });
  expect(status).toBe(201);
  await until(() => (receiver.received.length > 0 ? true : undefined));
});
afterAll(async () => {
  await all.remove();
  await receiver.stop();
});

let ids: string[];
beforeEach(async () => {
  ids = [];
  for (let n = 0; n < 4; n++) ids.push(String((await registerCommitment(all, responseId))['id']));
});
afterEach(() => {
  all.system.host.faults.putEvents(undefined);
  all.system.host.faults.deliveries(undefined);
  for (const name of [...CONSUMERS, 'outbox-relay']) all.system.host.resume(name);
});

/** Three updates to each commitment; the ids of all events of these commitments, the registrations first. */
async function updateAll(): Promise<string[]> {
  for (const [version, status] of [
    [1, 'in_progress'],
    [3, undefined],
    [4, undefined],
  ] as const)
    await Promise.all(
      ids.map(async (id) => {
        const body = { narrative: `From version ${version}.`, ...(status && { status }) };
        const answer = await all.call(`POST /v1/commitments/${id}/updates`, {
          as: 'focal-point',
          version,
          body,
        });
        expect(answer.status).toBe(201);
      }),
    );
  return ids.flatMap((id) => [1, 2, 3, 4, 5].map((sequence) => `${id}/${sequence}`));
}

/** Waits until every consumer has each of the events, and checks that none has one twice. */
async function everyConsumerHasOnce(events: string[]): Promise<void> {
  const streams = [...new Set(events.map((event) => event.split('/')[0] ?? ''))];
  await until(async () => {
    const fed = (await all.feed()).map((event) => String(event['id']));
    for (const id of events) expect(fed.filter((fedId) => fedId === id)).toEqual([id]);
    for (const id of streams) {
      const places = fed.filter((fedId) => fedId.startsWith(id)).map((fedId) => Number(fedId.split('/')[1]));
      expect(places).toEqual([...places].sort((a, b) => a - b));
    }
    return true;
  }, 60);
  await until(async () => {
    for (const id of streams) {
      const entries = await all.all(`/v1/audit/entries?commitment=${id}&outcome=success`, { as: 'auditor' });
      const recorded = entries.map((entry) => String(entry['eventId'])).sort();
      expect(recorded).toEqual(events.filter((event) => event.startsWith(id)).sort());
    }
    return true;
  }, 60);
  await until(async () => {
    const { body } = await all.call('POST /v1/rollups/recalculations', { as: 'administrator' });
    const applied = await all.call('GET /v1/rollups?by=total');
    expect(body['drift']).toBe(0);
    const commitments = await all.all('/v1/commitments?limit=200');
    const versions = commitments.reduce((sum, row) => sum + Number(row['version']), 0);
    expect(applied.body['complete_to']?.['events']).toBe(versions);
    return true;
  }, 60);
  await until(() => {
    const heard = receiver.received.map(({ id }) => id);
    for (const event of events) expect(heard.filter((id) => id === event)).toEqual([event]);
    return true;
  }, 60);
}

describe('exactly once in every total, trail, feed and webhook', () => {
  it('when all goes well', async () => everyConsumerHasOnce(await updateAll()));

  it('when every event comes three times, shuffled', async () => {
    const { host } = all.system;
    let brought = 0;
    host.faults.deliveries((parcels) => {
      brought += parcels.length;
      return [...parcels, ...parcels, ...parcels].sort(() => Math.random() - 0.5);
    });
    // Together, so that there is something to shuffle.
    host.pause('outbox-relay');
    const events = await updateAll();
    host.resume('outbox-relay');
    await everyConsumerHasOnce(events);
    await drained();
    await everyConsumerHasOnce(events);
    expect(brought).toBeGreaterThanOrEqual(events.length);
  });

  it('when the relay is killed again and again in the middle of its work', async () => {
    const { host } = all.system;
    let killed = 0;
    host.faults.putEvents(() => {
      if (killed < 3 && Math.random() < 0.3) {
        killed++;
        void host.faults.kill('outbox-relay');
      }
      return undefined;
    });
    const events = await updateAll();
    await everyConsumerHasOnce(events);
    expect(killed).toBeGreaterThan(0);
  });

  it('when transactions conflict and tables throttle under the consumers', async () => {
    const { faults } = all.system.host;
    const target = 'DynamoDB_20120810.TransactWriteItems';
    await faults.calls({ function: 'rollups-project', target, times: 3, ...transactionConflict(3) });
    await faults.calls({ function: 'feed-append', target, times: 3, ...transactionConflict(2) });
    await faults.calls({
      function: 'audit-record',
      target: 'DynamoDB_20120810.PutItem',
      times: 5,
      ...throttle(),
    });
    await everyConsumerHasOnce(await updateAll());
  });

  it('when the consumers are down for a while', async () => {
    for (const name of CONSUMERS) all.system.host.pause(name);
    const events = await updateAll();
    await until(async () => {
      const { queues } = await all.system.host.backlog();
      return Object.values(queues).some(({ visible }) => visible >= events.length - 4) ? true : undefined;
    });
    for (const name of CONSUMERS) all.system.host.resume(name);
    await everyConsumerHasOnce(events);
  });

  it('when the relay stands still, and goes on', async () => {
    // What is still on its way of a stream would bring later events of it along.
    await drained();
    all.system.host.pause('outbox-relay');
    const events = await updateAll();
    const fed = new Set((await all.feed()).map((event) => String(event['id'])));
    expect(events.filter((event) => fed.has(event) && !event.endsWith('/1'))).toEqual([]);
    all.system.host.resume('outbox-relay');
    await everyConsumerHasOnce(events);
  });

  it('when the bus takes some entries of a call and not others', async () => {
    const refused = new Map<string, number>();
    all.system.host.faults.putEvents((entry) => {
      const { id } = JSON.parse(String(entry.Detail)) as { id: string };
      const count = refused.get(id) ?? 0;
      if (count >= 2 || Math.random() < 0.4) return undefined;
      refused.set(id, count + 1);
      return 'InternalFailure';
    });
    const events = await updateAll();
    await everyConsumerHasOnce(events);
    expect(refused.size).toBeGreaterThan(0);
  });
});

it('lets one of fifty writers on one version win, and tells of the forty-nine others', async () => {
  const [id] = ids as [string, ...string[]];
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, writer) =>
      all.call(`POST /v1/commitments/${id}/updates`, {
        as: 'focal-point',
        version: 1,
        body: { narrative: `Writer ${writer}.` },
      }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(49).fill(412)]);
  await everyConsumerHasOnce([`${id}/1`, `${id}/2`]);
  await until(async () => {
    const refused = await all.all(`/v1/audit/entries?commitment=${id}&outcome=refused&limit=200`, {
      as: 'auditor',
    });
    expect(refused.map((entry) => entry['code'])).toEqual(Array(49).fill('version-stale'));
    const places = refused.map((entry) => Number(entry['sequence'])).sort((a, b) => a - b);
    expect(places).toEqual(Array.from({ length: 49 }, (_, index) => index + 1));
    return true;
  }, 60);
});

/** Waits until no queue holds anything that a function will take. */
async function drained(): Promise<void> {
  await until(async () => {
    const { queues } = await all.system.host.backlog();
    const busy = Object.entries(queues).filter(
      ([name, { visible, inFlight }]) => !/DeadLetters|Undelivered/.test(name) && visible + inFlight > 0,
    );
    if (busy.length > 0) throw new Error(`still busy: ${JSON.stringify(busy)}`);
    return true;
  }, 60);
}

it('isolates a poison event: its payload is kept, the others flow, and it comes again', async () => {
  const { host, endpoints } = all.system;
  const poison = `${ids[0]}/2`;
  host.faults.putEvents((entry) =>
    (JSON.parse(String(entry.Detail)) as { id: string }).id === poison ? 'InternalFailure' : undefined,
  );
  const events = await updateAll();
  const others = events.filter((event) => !event.startsWith(String(ids[0])));
  await everyConsumerHasOnce(others);
  const payload = await until(async () => {
    const kept = await failurePayloads(endpoints.s3);
    return kept.find((text) => text.includes(String(ids[0])));
  }, 60);
  const { Records } = JSON.parse(payload) as { Records: { dynamodb: { Keys: { sk: { S: string } } } }[] };
  expect(Records.map(({ dynamodb }) => dynamodb.Keys.sk.S)).toEqual(['E#0000000002']);

  // What was told of the stream meanwhile has healed audit, feed and totals; only the webhook has not heard of it.
  expect(receiver.received.filter(({ id }) => id === poison)).toEqual([]);
  host.faults.putEvents(undefined);
  expect(await host.invoke('outbox-relay', { Records })).toEqual({ batchItemFailures: [] });
  await everyConsumerHasOnce(events);
});

/** The `payload` fields of the invocation records in the relay's failure bucket. */
async function failurePayloads(s3: string): Promise<string[]> {
  const list = async (path: string) => {
    const text = await (await fetch(`${s3}${path}`)).text();
    return (tag: string) =>
      [...text.matchAll(new RegExp(`<${tag}>([^<]+)</${tag}>`, 'g'))].map(([, value]) => String(value));
  };
  const buckets = (await list('/'))('Name').filter((name) => /failure/i.test(name));
  const found: string[] = [];
  for (const bucket of buckets)
    for (const key of (await list(`/${bucket}?list-type=2`))('Key')) {
      const record = (await (await fetch(`${s3}/${bucket}/${key}`)).json()) as { payload: string };
      found.push(record.payload);
    }
  return found;
}
