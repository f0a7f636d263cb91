import { spawn } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STEPS, type Step } from '../../functions/audit/sequence/sequence-batch.ts';
import type { AuditEntry } from '../../shared/trail/entry.ts';
import type { Json } from '../kit/api.ts';
import type { Caller } from '../kit/caller.ts';
import type { Doomed } from '../kit/doomed-sequencer.ts';
import { type InProcess, startInProcess } from '../kit/in-process.ts';
import { registerCommitment, registerResponse } from '../kit/sample.ts';
import { auditorOf, findingsIn } from '../kit/strangers/auditor.ts';
import { publishedLog } from '../kit/strangers/forger.ts';
import { settle } from '../kit/strangers/scene.ts';
import { type Stranger, strangerIn } from '../kit/strangers/stranger.ts';
import { prepareSystem, type RunningSystem } from '../kit/system.ts';
import { until } from '../kit/wait.ts';

/** Writers go on writing, whatever dies; what they were told is kept: event ids. */
function writers(system: Caller, ids: readonly string[]) {
  const acknowledged = new Set<string>();
  let running = true;
  const write = async (id: string): Promise<void> => {
    while (running) {
      const { headers } = await system
        .call(`GET /v1/commitments/${id}`)
        .catch(() => ({ headers: {} as Record<string, string> }));
      const version = Number(headers['etag']?.replace(/\D/g, ''));
      const body = { narrative: `Update ${randomUUID()}`, ...(version === 1 && { status: 'in_progress' }) };
      const answer = version
        ? await system
            .call(`POST /v1/commitments/${id}/updates`, { as: 'focal-point', version, body })
            .catch(() => undefined)
        : undefined;
      if (answer?.status === 201)
        for (const event of answer.body['events'] as Json[]) acknowledged.add(String(event['id']));
      await delay(30);
    }
  };
  const done = Promise.all(ids.map(write));
  return {
    acknowledged,
    async stop() {
      running = false;
      await done;
    },
  };
}

const eventsIn = (leaves: readonly Buffer[]): string[] =>
  leaves.flatMap((leaf) => (JSON.parse(leaf.toString()) as AuditEntry).eventId ?? []);

async function commitmentsOf(system: Caller, many: number): Promise<string[]> {
  const responseId = await registerResponse(system);
  const ids: string[] = [];
  for (let n = 0; n < many; n += 1) ids.push(String((await registerCommitment(system, responseId))['id']));
  return ids;
}

describe('a sequencer that is killed', () => {
  let world: InProcess;
  let stranger: Stranger;
  let doomed: Omit<Doomed, 'step'>;

  beforeAll(async () => {
    world = await startInProcess();
    stranger = await strangerIn(world);
    const { endpoints } = world.system;
    doomed = {
      dynamodb: endpoints.dynamodb,
      objects: endpoints.objects,
      tables: stranger.tables,
      bucket: stranger.bucket,
      dataDir: world.dataDir,
      origin: 'followthrough.local/audit',
    };
  });
  afterAll(async () => {
    stranger?.stop();
    await world?.remove();
  });

  /** The signal that ended it; null where it came to its end. */
  const run = (step: Step): Promise<NodeJS.Signals | null> =>
    new Promise((resolve) => {
      const child = spawn(
        process.execPath,
        ['test/kit/doomed-sequencer.ts', JSON.stringify({ ...doomed, step })],
        {
          stdio: ['ignore', 'ignore', 'inherit'],
        },
      );
      child.once('exit', (_, signal) => resolve(signal));
    });
  const waiting = () =>
    until(async () => ((await stranger.items('log', 'pending')).length > 0 ? true : undefined));

  it('after each of its steps, alone and beside others, leaves one history with everything in it', async () => {
    const ids = await commitmentsOf(world, 3);
    const { host } = world.system;
    const writing = writers(world, ids);
    for (const step of STEPS) {
      host.pause('audit-sequence');
      // What had begun before the pause may be faster.
      await until(async () => {
        await waiting();
        if ((await run(step)) === 'SIGKILL') return true;
        throw new Error(`it was not killed after ${step}`);
      });
      host.resume('audit-sequence');
    }
    // Two and the system's own at once; the system's worker is killed in the middle of whatever it does.
    for (const step of ['staged', 'advanced', 'items', 'checkpoint', 'published'] as const) {
      await waiting();
      await Promise.all([
        run(step),
        run(step),
        delay(randomInt(200)).then(() => host.faults.kill('audit-sequence')),
      ]);
    }
    await writing.stop();
    await settle(world, stranger);
    const report = await auditorOf(world).verifyUrl();
    expect(findingsIn(report)).toBe('');
    expect(report.exit).toBe(0);
    const events = eventsIn((await publishedLog(stranger)).leaves);
    expect(new Set(events).size).toBe(events.length);
    for (const id of writing.acknowledged) expect(events).toContain(id);
    expect(writing.acknowledged.size).toBeGreaterThan(STEPS.length);
  });
});

describe('a system that is killed as a whole', () => {
  let system: RunningSystem;
  beforeAll(async () => {
    system = await prepareSystem({ flags: ['--empty'] });
    await system.start();
  });
  afterAll(() => system?.remove());

  it('goes on with the log that it had', async () => {
    const ids = await commitmentsOf(system, 3);
    const acknowledged = new Set<string>();
    for (let kill = 0; kill < 3; kill += 1) {
      const writing = writers(system, ids);
      await until(() => (writing.acknowledged.size > 3 ? true : undefined), 60);
      await delay(randomInt(3000));
      await system.kill();
      await writing.stop();
      for (const id of writing.acknowledged) acknowledged.add(id);
      await system.start();
    }
    const events = await until(async () => {
      const entries = await system.all('/v1/audit/entries?limit=200&outcome=success', { as: 'auditor' });
      const placed = entries.filter(({ index }) => index !== null).flatMap(({ eventId }) => eventId ?? []);
      const found = placed.map(String);
      for (const id of acknowledged) expect(found).toContain(id);
      return found;
    }, 90);
    expect(new Set(events).size).toBe(events.length);
    const { status, told } = await verified(system);
    expect(told).toMatch(/It holds/);
    expect(status).toBe(0);
  });
});

/** `npm run verify -- <URL>`, in a process of its own. */
async function verified({ url, token }: RunningSystem): Promise<{ status: number | null; told: string }> {
  const child = spawn(process.execPath, ['verify/main.ts', url], {
    env: { ...process.env, FOLLOWTHROUGH_TOKEN: await token('auditor') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let told = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      told += chunk.toString();
    });
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, told })));
}
