import { createHash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { canonical } from '../record/canonical.ts';
import { idempotencyKey, type Key } from './keys.ts';
import type { Item } from './transaction.ts';

/** A key is remembered for 30 days; the table's time-to-live takes it away. */
const KEEP_SECONDS = 30 * 86_400;

/** One use of an idempotency key: where its record stands, and the digest of what was asked with it. */
export interface Claim {
  key: Key;
  payload: string;
}

/** What a key was used for: the payload, and where the records of the answer stand. */
export interface Seen {
  payload: string;
  commandId: string;
  stream: string;
  first: number;
  last: number;
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** A key belongs to one person and one route; the payload is the body with the path it was sent to. */
export const claim = (actor: string, route: string, key: string, path: string, body: unknown): Claim => ({
  key: idempotencyKey(digest(canonical([actor, route, key]))),
  payload: digest(canonical([path, body])),
});

export const idempotencyItem = (
  { key, payload }: Claim,
  answer: Omit<Seen, 'payload'>,
  time: string,
): Item => ({
  pk: { S: key.pk },
  sk: { S: key.sk },
  payload: { S: payload },
  ref: { S: JSON.stringify([answer.commandId, answer.stream, answer.first, answer.last]) },
  expiresAt: { N: String(Math.floor(Date.parse(time) / 1000) + KEEP_SECONDS) },
});

export function seen(item: Record<string, AttributeValue>): Seen {
  const [commandId, stream, first, last] = JSON.parse(item['ref']?.S ?? '[]') as [
    string,
    string,
    number,
    number,
  ];
  return { payload: item['payload']?.S ?? '', commandId, stream, first, last };
}
