import { nothing } from '../../shared/commitment/subscription.ts';
import { readCommand } from '../../shared/lambda/command.ts';
import type { Answer, Call } from '../../shared/lambda/http.ts';
import { claim, type Seen } from '../../shared/store/idempotency.ts';
import type { SigningSecret } from '../../shared/store/subscriptions.ts';
import { Contention } from '../../shared/store/transaction.ts';
import { invalid, keyReused, notFound } from './answer.ts';
import { actOn, type Desk, ownSubscription } from './desk.ts';
import { isShownAgain, rotate } from './secrets.ts';

const ATTEMPTS = 5;

/** `POST /v1/subscriptions/{id}/secrets`: a new secret; the old one signs beside it for 24 hours. */
export const rotateSecret =
  (desk: Desk) =>
  async (call: Call): Promise<Answer> => {
    const read = await readCommand(call, nothing, invalid);
    if ('status' in read) return read;
    const subscription = await ownSubscription(call, desk);
    if (!subscription) return notFound();
    const { id, owner } = subscription;
    const asked = claim(owner, call.route, read.key, call.path, read.fields);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const [before, known] = await Promise.all([
        desk.subscriptions.seen(asked),
        desk.subscriptions.withSecrets(id),
      ]);
      if (!known) return notFound();
      if (before) return replay(before, asked.payload, known.secrets, call);
      const secrets = rotate(known.secrets, desk.newSecret(), call.time);
      const act = await actOn(id, call, desk);
      const { outcome } = await desk.subscriptions.keepSecrets(id, known.secrets, secrets, asked, [act]);
      if (outcome === 'kept') return shown(secrets, id, true);
    }
    throw new Contention('the secrets kept changing');
  };

function replay(seen: Seen, payload: string, secrets: SigningSecret[], call: Call): Answer {
  if (seen.payload !== payload) return keyReused();
  const [newest] = secrets;
  const ours = newest !== undefined && newest.createdAt === seen.commandId;
  const answer = shown(secrets, seen.stream, ours && isShownAgain(newest, call.time));
  return { ...answer, headers: { ...answer.headers, 'idempotency-replayed': 'true' } };
}

function shown([newest, previous]: SigningSecret[], subscriptionId: string, withSecret: boolean): Answer {
  return {
    status: 201,
    headers: { 'cache-control': 'no-store', location: `/v1/subscriptions/${subscriptionId}` },
    body: {
      subscriptionId,
      createdAt: newest?.createdAt,
      previousSignsUntil: previous?.until ?? null,
      ...(withSecret && { secret: newest?.secret }),
    },
  };
}
