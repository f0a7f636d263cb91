import type { FieldError } from '../../shared/commitment/rejection.ts';
import { etag } from '../../shared/lambda/envelope.ts';
import type { Answer } from '../../shared/lambda/http.ts';
import { problem } from '../../shared/lambda/problem.ts';
import type { Subscription } from '../../shared/store/subscriptions.ts';
import { represent } from './represent.ts';

export const notFound = (detail = 'You have no subscription with this id.'): Answer =>
  problem('not-found', detail);

export const keyReused = (): Answer =>
  problem('idempotency-key-reused', 'This key was sent with another body. Draw a new key.');

export const invalid = (errors: FieldError[]): Answer =>
  problem('invalid-body', 'Nothing was saved. Mend the fields named here and send it again.', { errors });

/** A subscription with its ETag; its secret only where it is shown. No cache may keep it. */
export function answerSubscription(
  status: 200 | 201,
  subscription: Subscription,
  { secret, replayed }: { secret?: string; replayed?: boolean } = {},
): Answer {
  const { id, version } = subscription;
  return {
    status,
    headers: {
      etag: etag(version),
      'cache-control': 'no-store',
      ...(status === 201 && { location: `/v1/subscriptions/${id}` }),
      ...(replayed && { 'idempotency-replayed': 'true' }),
    },
    body: { ...represent(subscription), ...(secret !== undefined && { secret }) },
  };
}
