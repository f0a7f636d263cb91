import * as z from 'zod/mini';

/** Bodies of the commands on subscriptions. What only a function can tell (addresses, patterns) is checked there. */

const wellFormed = z.refine<string>((text) => text.isWellFormed(), 'holds half of a surrogate pair');

const channel = z.strictObject({
  type: z.enum(['webhook', 'email']),
  url: z.optional(z.string().check(wellFormed)),
  address: z.optional(z.string().check(wellFormed)),
});
/** An EventBridge pattern over the CloudEvent; none, null or an empty one listens to everything. */
const filter = z.optional(z.nullable(z.record(z.string(), z.unknown())));
const description = z.optional(z.nullable(z.string().check(z.trim(), z.maxLength(300), wellFormed)));
const active = z.optional(z.boolean());

export type Channel = z.output<typeof channel>;
export type Filter = z.output<typeof filter>;

export const createSubscription = z.strictObject({ channel, filter, description, active });
export const changeSubscription = z.strictObject({
  channel: z.optional(channel),
  filter,
  description,
  active,
});
/** A time, or the beginning of a day. */
export const recoverDeliveries = z.strictObject({ since: z.string().check(z.maxLength(40)) });
/** A command whose body says nothing. */
export const nothing = z.strictObject({});
