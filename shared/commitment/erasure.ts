import * as z from 'zod/mini';

/** Why something is to be erased. */
export const ERASURE_REASONS = [
  'data-subject-request',
  'court-order',
  'unlawful-content',
  'published-by-mistake',
  'other',
] as const;

const name = z.string().check(z.minLength(1), z.maxLength(200));

/** `POST /v1/erasures`. `person` is a subject or a pseudonym; `path` names a text of a record, like `items.0.title`. No free text. */
export const requestErasure = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('person'), person: name, reasonCode: z.enum(ERASURE_REASONS) }),
  z.strictObject({
    kind: z.literal('text'),
    stream: name,
    sequence: z.int().check(z.gte(1), z.lte(9_999_999_999)),
    path: name,
    reasonCode: z.enum(ERASURE_REASONS),
  }),
]);

/** `POST /v1/erasures/{id}/decisions` */
export const decideErasure = z.strictObject({ decision: z.enum(['approved', 'rejected']) });
