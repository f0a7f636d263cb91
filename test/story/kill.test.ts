import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Json } from '../kit/api.ts';
import { type Receiver, startReceiver } from '../kit/receiver.ts';
import { registerCommitment, registerResponse } from '../kit/sample.ts';
import { prepareSystem, type RunningSystem } from '../kit/system.ts';
import { until } from '../kit/wait.ts';

/** `kill -9` of everything at random moments, five times, while eight writers write and are told what was kept. */
const KILLS = 5;
const WRITERS = 8;

interface Sent {
  commitment: string;
  key: string;
  version: number;
  narrative: string;
}

let system: RunningSystem;
let receiver: Receiver;
const acknowledged = new Map<string, { sent: Sent; events: string[] }>();

beforeAll(async () => {
  receiver = await startReceiver();
  system = await prepareSystem({
    flags: ['--empty'],
    environment: { WEBHOOK_RETRY_SCHEDULE: '0,1,1,2,2,5,5,5,5,5,5,5' },
  });
  await system.start();
});
afterAll(async () => {
  await system.remove();
  await receiver.stop();
});

const send = ({ commitment, key, version, narrative }: Sent) =>
  system.call(`POST /v1/commitments/${commitment}/updates`, {
    as: 'focal-point',
    key,
    version,
    body: { narrative, ...(version === 1 && { status: 'in_progress' }) },
  });

it('keeps every acknowledged update exactly once, whatever was killed when', async () => {
  const responseId = await registerResponse(system);
  const ids: string[] = [];
  for (let n = 0; n < WRITERS; n++) ids.push(String((await registerCommitment(system, responseId))['id']));
  const { status } = await system.call('POST /v1/subscriptions', {
    as: 'auditor',
    body: { channel: { type: 'webhook', url: receiver.url } },
  });
  expect(status).toBe(201);
  const versions = new Map(ids.map((id) => [id, 1]));
  const unanswered = new Map<string, Sent>();

  for (let round = 0; round <= KILLS; round++) {
    let running = true;
    const write = async (id: string): Promise<void> => {
      while (running) {
        const version = versions.get(id) ?? 1;
        const sent = unanswered.get(id) ?? {
          commitment: id,
          key: randomUUID(),
          version,
          narrative: `Update ${randomUUID()}`,
        };
        unanswered.set(id, sent);
        const answer = await send(sent).catch(() => undefined);
        if (!answer || answer.status >= 500) return void (await delay(20));
        // Nothing else writes on this commitment, so every answer has to be an acknowledgement.
        expect(answer.status).toBe(201);
        acknowledged.set(sent.key, {
          sent,
          events: (answer.body['events'] as Json[]).map((event) => String(event['id'])),
        });
        versions.set(id, Number(answer.headers['etag']?.replace(/\D/g, '')));
        unanswered.delete(id);
      }
    };
    const writers = ids.map(write);
    if (round === KILLS) {
      // However slow the machine was between the kills, there is enough to look at in the end.
      await until(() => (acknowledged.size > WRITERS * 3 ? true : undefined), 60);
      await delay(randomInt(500, 1500));
      running = false;
      await Promise.all(writers);
      break;
    }
    await delay(randomInt(300, 2500));
    await system.kill();
    running = false;
    await Promise.all(writers);
    await system.start();
  }
  // The sample's coordinator, the writers and this line see one history.
  for (const [key, { sent }] of acknowledged) {
    const again = await send(sent);
    expect([again.status, again.headers['idempotency-replayed']], key).toEqual([201, 'true']);
  }
  expect(acknowledged.size).toBeGreaterThan(WRITERS * 3);

  const events = new Set<string>();
  for (const id of ids) {
    const history = await system.all(`/v1/commitments/${id}/history?limit=200`);
    expect(history.map((record) => record['sequence'])).toEqual(history.map((_, index) => index + 1));
    expect(history.map((record) => record['previousHash'])).toEqual([
      null,
      ...history.slice(0, -1).map((record) => record['hash']),
    ]);
    const narratives = history.map((record) => record['data']?.['narrative']).filter(Boolean);
    expect(new Set(narratives).size).toBe(narratives.length);
    for (const { sent } of [...acknowledged.values()].filter(({ sent: { commitment } }) => commitment === id))
      expect(narratives.filter((narrative) => String(narrative) === sent.narrative)).toHaveLength(1);
    for (const record of history) events.add(String(record['id']));
  }

  const fed = await until(async () => {
    const ids = (await system.feed()).map((event) => String(event['id']));
    const missing = [...events].filter((id) => !ids.includes(id));
    if (missing.length > 0) throw new Error(`the feed lacks ${missing.length}`);
    return ids;
  }, 60);
  expect(new Set(fed).size).toBe(fed.length);

  await until(async () => {
    const trail = await system.all('/v1/audit/entries?limit=200&outcome=success', { as: 'auditor' });
    const ids = trail
      .map((entry) => entry['eventId'])
      .filter(Boolean)
      .map(String);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of events) expect(ids).toContain(id);
    return true;
  }, 60);

  const recalculated = await until(async () => {
    const { body } = await system.call(`GET /v1/rollups?response=${responseId}&by=total`);
    expect(body['complete_to']).toMatchObject({ events: events.size });
    return (await system.call('POST /v1/rollups/recalculations', { as: 'administrator' })).body;
  }, 60);
  expect(recalculated).toMatchObject({ commitments: WRITERS, drift: 0 });

  await until(() => {
    const heard = new Set(receiver.received.map(({ id }) => id));
    const missing = [...events].filter((id) => Number(id.split('/')[1]) > 1 && !heard.has(id));
    if (missing.length > 0) throw new Error(`the webhook never heard ${missing.length} of ${events.size}`);
    return true;
  }, 90);
});
