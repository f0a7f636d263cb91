import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { auditKey, eventKey } from '../shared/store/keys.ts';
import { drive, findWriters, sendUpdate, type Writer } from './load.ts';
import type { Measure } from './measure.ts';
import { type Row, row } from './row.ts';
import { interleave, percentile } from './spread.ts';
import { readStream } from './stream-reader.ts';
import { type BenchSystem, startBenchSystem } from './system.ts';
import { clientOf, tableNamed } from './tables.ts';
import { startReceiver } from './webhook-receiver.ts';

const PER_SECOND = 5;
const WRITERS = 20;
const POLL_MS = 10;
/** What is not there after this is lost. */
const LOST_MS = 30_000;

const PLACES = ['rollup', 'audit trail', 'webhook', 'bare stream reader'] as const;
type Place = (typeof PLACES)[number];

/** Waits until something was seen at a place: the commitment and the sequence of its event. */
type Seen = (id: string, sequence: number) => Promise<void>;

/** From the moment an update is sent until it can be seen: in the totals, in the trail, at a webhook; against a bare reader of the table's stream. */
export const visibility: Measure = async ({ quick, say }) => {
  say('starting the system');
  const system = await startBenchSystem();
  const client = clientOf(system.dynamodb);
  const cleanup: (() => Promise<void>)[] = [];
  try {
    const token = await system.ask('token', 'coordinator');
    const writers = await findWriters(system.url, WRITERS);
    await drive(system.url, token, writers.slice(0, 4), quick ? 3000 : 15_000);
    say(`warmed; consumers caught up after ${Math.round(await system.caughtUp())} ms`);

    const arrivals = new Map<string, PromiseWithResolvers<void>>();
    const arrival = (place: Place, event: string) => {
      const key = `${place} ${event}`;
      const known = arrivals.get(key) ?? Promise.withResolvers<void>();
      arrivals.set(key, known);
      return known;
    };
    const receiver = await startReceiver((event) => arrival('webhook', event).resolve());
    cleanup.push(receiver.stop);
    const subscription = await subscribe(system.url, token, receiver.url);
    await verified(system.url, token, subscription);
    const audit = await tableNamed(client, 'audit');
    const commands = await tableNamed(client, 'commands');
    const totals = await rollupWatch(system);
    cleanup.push(totals.stop);

    const consumers: Partial<Record<Place, Seen>> = {
      rollup: () => totals.next(),
      'audit trail': (id, sequence) => stands(client, audit, auditKey(id, sequence)),
      webhook: (id, sequence) => arrival('webhook', `${id}/${sequence}`).promise,
    };
    const stream: Partial<Record<Place, Seen>> = {
      'bare stream reader': (id, sequence) =>
        arrival('bare stream reader', eventKey(id, sequence).sk + id).promise,
    };
    const milliseconds = quick ? 5000 : 20_000;
    say(`rounds of ${milliseconds / 1000} s at ${PER_SECOND} updates a second`);
    const found = await interleave(quick ? 1 : 3, {
      consumers: async () => {
        await totals.begin();
        const times = await round(system.url, token, writers, milliseconds, consumers);
        totals.end();
        return times;
      },
      stream: async () => {
        const reader = await readStream(system.dynamodb, client, commands, (pk, sk) =>
          arrival('bare stream reader', sk + pk).resolve(),
        );
        const times = await round(system.url, token, writers, milliseconds / 2, stream);
        await reader.stop();
        await system.caughtUp();
        return times;
      },
    });
    return rowsOf(found);
  } finally {
    for (const clean of cleanup.reverse()) await clean();
    client.destroy();
    await system.stop();
  }
};

type Times = Partial<Record<Place, number[]>>;

function rowsOf({ consumers, stream }: { consumers: Times[]; stream: Times[] }): Row[] {
  const all = (rounds: Times[], place: Place) => rounds.map((times) => times[place] ?? []);
  const p = (rounds: number[][], per: number) => rounds.map((times) => percentile(times, per));
  const floor = all(stream, 'bare stream reader');
  return PLACES.slice(0, 3).flatMap((place) =>
    [50, 99].map((per) => {
      const times = all(consumers, place);
      const floors = p(floor, per);
      return row({
        name: `update → ${place}, p${per}`,
        unit: 'ms',
        figures: p(times, per),
        floor: { name: 'ms, bare stream reader', values: floors },
        ratios: p(times, per).map((figure, index) => figure / (floors[index] ?? Number.NaN)),
        target: { of: 'figure', is: 'at most', value: per === 50 ? 300 : 1000 },
        ...(per === 50 && { note: `${times.flat().length} updates, from when each was sent` }),
      });
    }),
  );
}

/** Sends updates at an even pace, whatever the answers take, and waits until all were seen everywhere. */
async function round(
  url: string,
  token: string,
  writers: readonly Writer[],
  milliseconds: number,
  places: Partial<Record<Place, Seen>>,
): Promise<Times> {
  const agent = new Agent({ keepAlive: true });
  const times: Times = {};
  const began = performance.now();
  const all: Promise<unknown>[] = [];
  const count = (milliseconds / 1000) * PER_SECOND;
  for (let index = 0; index < count; index++) {
    await wait(Math.max(0, began + (index * 1000) / PER_SECOND - performance.now()));
    all.push(one(writers[index % writers.length] as Writer));
  }
  await Promise.all(all);
  agent.destroy();
  return times;

  async function one(writer: Writer): Promise<void> {
    const sent = performance.now();
    await sendUpdate(agent, url, token, writer);
    const { id, version } = writer;
    await Promise.all(
      Object.entries(places).map(async ([place, seen]) => {
        await inTime(seen(id, version), `${id}/${version} at the ${place}`);
        const list = times[place as Place] ?? [];
        list.push(performance.now() - sent);
        times[place as Place] = list;
      }),
    );
  }
}

async function inTime(seen: Promise<void>, what: string): Promise<void> {
  const timer = new AbortController();
  const late = wait(LOST_MS, 'late', { signal: timer.signal }).catch(() => 'over');
  const first = await Promise.race([seen, late]);
  timer.abort();
  if (first === 'late') throw new Error(`never seen: ${what}`);
}

/** Polls one item until it is there. */
async function stands(
  client: DynamoDBClient,
  table: string,
  { pk, sk }: { pk: string; sk: string },
): Promise<void> {
  for (; ; await wait(POLL_MS)) {
    const { Item } = await client.send(
      new GetItemCommand({
        TableName: table,
        ConsistentRead: true,
        Key: { pk: { S: pk }, sk: { S: sk } },
        ProjectionExpression: 'pk',
      }),
    );
    if (Item) return;
  }
}

/**
 * Asks the API how many events the totals are complete to. An update counts as seen when as many are in as were acknowledged with it,
 * so it waits for those before it too.
 */
async function rollupWatch(system: BenchSystem) {
  const events = async (): Promise<number> => {
    const answer = await fetch(`${system.url}/v1/rollups?by=total`);
    const { complete_to } = (await answer.json()) as { complete_to: { events: number } };
    return complete_to.events;
  };
  let base = 0;
  let acknowledged = 0;
  let waiting: { until: number; resolve: () => void }[] = [];
  let over = false;
  const polling = (async () => {
    for (; !over; await wait(POLL_MS)) {
      if (waiting.length === 0) continue;
      const complete = await events();
      for (const { until, resolve } of waiting) if (until <= complete) resolve();
      waiting = waiting.filter(({ until }) => until > complete);
    }
  })();
  return {
    async begin() {
      await system.caughtUp();
      base = await events();
      acknowledged = 0;
    },
    end() {
      waiting = [];
    },
    next(): Promise<void> {
      acknowledged += 1;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ until: base + acknowledged, resolve });
      return promise;
    },
    async stop() {
      over = true;
      await polling;
    },
  };
}

async function subscribe(url: string, token: string, hook: string): Promise<string> {
  const answer = await fetch(`${url}/v1/subscriptions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify({
      channel: { type: 'webhook', url: hook },
      filter: { type: ['followthrough.commitment.progress_reported'] },
    }),
  });
  if (answer.status !== 201)
    throw new Error(`a subscription was answered ${answer.status}: ${await answer.text()}`);
  return answer.headers.get('location') ?? '';
}

/** The endpoint is asked first; what comes before it has answered would measure that. */
async function verified(url: string, token: string, path: string): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const answer = await fetch(new URL(path, url), { headers: { authorization: `Bearer ${token}` } });
    if (/"status":"verified"/.test(await answer.text())) return;
    await wait(100);
  }
  throw new Error('the subscription was never verified');
}
