import type { FieldError } from '../../shared/commitment/rejection.ts';
import type { Answer, Call } from '../../shared/lambda/http.ts';
import { encodeCursor, listAnswer, PAGING, readPaging } from '../../shared/lambda/paging.ts';
import { problem } from '../../shared/lambda/problem.ts';
import { type Attempt, type Delivery, locate } from '../../shared/store/delivery.ts';
import { answerSubscription, notFound } from './answer.ts';
import { type Desk, ownerOf, ownSubscription } from './desk.ts';
import { represent, representDelivery } from './represent.ts';

/** `GET /v1/subscriptions`: one's own, the newest first. */
export const listSubscriptions =
  (desk: Desk) =>
  async (call: Call): Promise<Answer> => {
    const paging = readList(call.query);
    if ('errors' in paging) return unreadable(paging.errors);
    const owner = await ownerOf(call);
    const found = await desk.subscriptions.ofOwner(owner, paging.after, paging.limit + 1);
    const shown = found.slice(0, paging.limit);
    const last = found.length > paging.limit ? shown.at(-1) : undefined;
    return listAnswer(call, shown.map(represent), last ? encodeCursor(last.id) : null);
  };

/** `GET /v1/subscriptions/{id}` */
export const getSubscription =
  (desk: Desk) =>
  async (call: Call): Promise<Answer> => {
    const subscription = await ownSubscription(call, desk);
    return subscription ? answerSubscription(200, subscription) : notFound();
  };

/** `GET /v1/subscriptions/{id}/deliveries`: the newest event first, each with its attempts. */
export const listDeliveries =
  (desk: Desk) =>
  async (call: Call): Promise<Answer> => {
    const paging = readList(call.query);
    if ('errors' in paging) return unreadable(paging.errors);
    if (paging.after !== null && !locate(paging.after))
      return unreadable([
        { pointer: '/cursor', code: 'invalid-parameter', detail: 'is not a cursor that this list gave' },
      ]);
    const subscription = await ownSubscription(call, desk);
    if (!subscription) return notFound();
    const found = await desk.deliveries.list(subscription.id, paging.after, paging.limit + 1);
    const page = found.slice(0, paging.limit);
    const attempts = await desk.deliveries.attempts(page);
    const shown = fitting(page, attempts);
    const last = shown.length < found.length ? page[shown.length - 1] : undefined;
    return listAnswer(call, shown, last ? encodeCursor(last.id) : null);
  };

/** Lambda gives back 6 MB at most, and one attempt may hold 64 KB: a page ends early rather than leave out an answer. */
const FULL = 4 * 1024 * 1024;
/** Where the answers to one delivery alone would fill a page, each is shown as far as this. */
const SHORT = 4096;

function fitting(page: readonly Delivery[], attempts: Map<string, Attempt[]>) {
  const shown: ReturnType<typeof representDelivery>[] = [];
  let size = 0;
  for (const delivery of page) {
    const whole = representDelivery(delivery, attempts.get(delivery.id) ?? []);
    const row = sizeOf(whole) > FULL ? { ...whole, attempts: whole.attempts.map(shorten) } : whole;
    size += sizeOf(row);
    if (size > FULL && shown.length > 0) break;
    shown.push(row);
  }
  return shown;
}

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

const shorten = (attempt: Attempt): Attempt => ({
  ...attempt,
  response: attempt.response && {
    ...attempt.response,
    body: attempt.response.body.slice(0, SHORT),
    truncated: attempt.response.truncated || attempt.response.body.length > SHORT,
  },
});

function readList(query: Record<string, string>): ReturnType<typeof readPaging> {
  const errors: FieldError[] = Object.keys(query)
    .filter((name) => !(PAGING as readonly string[]).includes(name))
    .map((name) => ({
      pointer: `/${name}`,
      code: 'unknown-parameter',
      detail: 'is not a parameter of this list',
    }));
  return errors.length > 0 ? { errors } : readPaging(query);
}

const unreadable = (errors: FieldError[]): Answer =>
  problem('malformed-query', 'A query parameter can not be read.', { errors });
