import type { Json } from '../api.ts';
import { type InProcess, startInProcess } from '../in-process.ts';
import { type Receiver, startReceiver } from '../receiver.ts';
import { registerCommitment, registerResponse } from '../sample.ts';
import { until } from '../wait.ts';
import { type Auditor, auditorOf } from './auditor.ts';
import { type Stranger, strangerIn } from './stranger.ts';

/** A running system with a trail of everything that can be in one, and the people around it: an auditor, and a stranger. */
export interface Scene {
  world: InProcess;
  auditor: Auditor;
  stranger: Stranger;
  /** A subscriber of every event. */
  receiver: Receiver;
  /** Everything is sequenced that has happened, and the newest checkpoint is out. */
  settle(): Promise<void>;
  /** Nothing goes on behind the stranger's back: who writes into the trail and the log stands still. */
  freeze(): void;
  thaw(): void;
  /** Reports progress on a commitment; the sequence of the event. */
  report(id: string, narrative: string): Promise<number>;
  responseId: string;
  /** Verified complete, with evidence; its first narrative was redacted. */
  done: string;
  /** Open, with an extension. */
  open: string;
  /** Registered, nothing else. */
  quiet: string;
  stop(): Promise<void>;
}

const WRITERS = ['audit-record', 'audit-sequence', 'audit-manifest', 'audit-count', 'privacy-sweep'];

/** @param refusals how many commands are refused: with 250 of them the log has more than one bundle. */
export async function stage({ refusals = 250 } = {}): Promise<Scene> {
  const [world, receiver] = await Promise.all([startInProcess(), startReceiver()]);
  const stranger = await strangerIn(world);
  const { host } = world.system;
  const scene = {
    world,
    stranger,
    receiver,
    auditor: auditorOf(world),
    settle: () => settle(world, stranger),
    report: (id: string, narrative: string) =>
      commander(world)(`POST /v1/commitments/${id}/updates`, 'focal-point', { narrative }),
    freeze: () => WRITERS.forEach((name) => void host.pause(name)),
    thaw: () => WRITERS.forEach((name) => void host.resume(name)),
    async stop() {
      stranger.stop();
      await world.remove();
      await receiver.stop();
    },
  };
  return { ...scene, ...(await populate(world, receiver, scene.settle, refusals)) };
}

/** Waits until everything that has happened is in a published checkpoint. */
export async function settle({ system }: InProcess, stranger: Stranger): Promise<void> {
  let quiet = 0;
  await until(async () => {
    const { queues, streams } = await system.host.backlog();
    const waiting = Object.values(queues).map(({ visible, inFlight }) => visible + inFlight);
    const idle = [...waiting, ...Object.values(streams)].every((count) => count === 0);
    const pending = await stranger.items('log', 'pending');
    quiet = idle && pending.length === 0 ? quiet + 1 : 0;
    // What was held back comes with the next look, which each minute has.
    if (idle && pending.length > 0) await system.host.fireSchedules('audit-sequence');
    if (quiet === 3) return true;
    throw new Error(`still busy: ${pending.map(({ sk }) => sk?.S)} ${JSON.stringify({ queues, streams })}`);
  }, 60);
}

/** A command on a commitment as it stands; the sequence of its first event. */
const commander =
  ({ call }: InProcess) =>
  async (route: string, as: 'focal-point' | 'coordinator' | 'verifier', body: object): Promise<number> => {
    const id = route.split('/')[3] ?? '';
    const { headers } = await call(`GET /v1/commitments/${id}`);
    const version = Number(headers['etag']?.replace(/\D/g, ''));
    const answer = await call(route, { as, body, version });
    if (answer.status !== 201) throw new Error(`${route}: ${JSON.stringify(answer.body)}`);
    return Number((answer.body['events'] as Json[])[0]?.['sequence']);
  };

async function populate(
  world: InProcess,
  receiver: Receiver,
  settled: () => Promise<void>,
  refusals: number,
) {
  const command = commander(world);
  await subscribe(world, receiver);
  const responseId = await registerResponse(world);
  const register = async (title: string) =>
    String((await registerCommitment(world, responseId, { title }))['id']);
  const [done, open, quiet] = [await register('Done'), await register('Open'), await register('Quiet')];
  const evidence = [{ title: 'The report', url: 'https://example.org/report', sha256: 'a'.repeat(64) }];
  await command(`POST /v1/commitments/${done}/updates`, 'focal-point', {
    narrative: 'It began in Geneva.',
    status: 'in_progress',
    progress: 20,
  });
  await command(`POST /v1/commitments/${open}/updates`, 'focal-point', {
    narrative: 'We wait for the tender.',
    status: 'in_progress',
  });
  await command(`POST /v1/commitments/${done}/updates`, 'focal-point', {
    narrative: 'All staff are trained.',
    status: 'reported_complete',
    progress: 100,
    evidence,
  });
  await command(`POST /v1/commitments/${open}/extensions`, 'focal-point', {
    due: '2027-12-31',
    precision: 'day',
    reason: 'The tender is late.',
  });
  await command(`POST /v1/commitments/${open}/extensions/1/decisions`, 'coordinator', {
    decision: 'granted',
    reason: 'It is.',
  });
  await command(`POST /v1/commitments/${done}/verifications`, 'verifier', {
    decision: 'verified',
    reason: 'The report shows it.',
  });
  await refuse(world, open, refusals);
  await erase(world, done);
  await settled();
  await world.system.host.fireSchedules('audit-manifest');
  await settled();
  // The last checkpoint is one of after the count.
  await command(`POST /v1/commitments/${open}/updates`, 'focal-point', { narrative: 'Still waiting.' });
  await settled();
  return { responseId, done, open, quiet };
}

/** Commands that are refused: by role, by rule, and many of one kind. */
async function refuse(world: InProcess, id: string, many: number): Promise<void> {
  const refused = async (as: 'auditor' | 'verifier' | 'focal-point-2') => {
    const body = { reasonCode: 'other', reason: 'No.' };
    const { status } = await world.call(`POST /v1/commitments/${id}/closures`, { as, body, version: 1 });
    if (status < 400 || status > 499) throw new Error(`not refused: ${status}`);
  };
  for (let n = 0; n < many; n += 10)
    await Promise.all(
      Array.from({ length: Math.min(10, many - n) }, (_, at) =>
        refused(at % 3 === 0 ? 'auditor' : at % 3 === 1 ? 'verifier' : 'focal-point-2'),
      ),
    );
}

async function subscribe(world: InProcess, receiver: Receiver): Promise<void> {
  const body = { channel: { type: 'webhook', url: receiver.url } };
  const { status } = await world.call('POST /v1/subscriptions', { as: 'auditor', body });
  if (status !== 201) throw new Error(`no subscription: ${status}`);
  await until(() => receiver.received.find(({ body }) => body.includes('subscription.verification')));
}

/** Two people redact the first narrative of a commitment. */
async function erase(world: InProcess, id: string): Promise<void> {
  const history = await world.all(`/v1/commitments/${id}/history?limit=200`);
  const first = history.find((record: Json) => record['data']?.['narrative']);
  const asked = await world.call('POST /v1/erasures', {
    as: 'administrator',
    body: {
      kind: 'text',
      stream: id,
      sequence: Number(first?.['sequence']),
      path: 'narrative',
      reasonCode: 'published-by-mistake',
    },
  });
  if (asked.status !== 201) throw new Error(JSON.stringify(asked.body));
  const decided = await world.call(`POST /v1/erasures/${asked.body['id']}/decisions`, {
    as: 'auditor',
    body: { decision: 'approved' },
  });
  if (decided.status !== 201) throw new Error(JSON.stringify(decided.body));
}
