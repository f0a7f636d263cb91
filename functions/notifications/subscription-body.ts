import type { FieldError } from '../../shared/commitment/rejection.ts';
import type {
  Channel,
  changeSubscription,
  createSubscription,
  Filter,
} from '../../shared/commitment/subscription.ts';
import { compilePattern } from '../../shared/event-pattern/pattern.ts';
import type { Body } from '../../shared/lambda/body.ts';
import { type Validated, validate } from '../../shared/lambda/validate.ts';
import { canonical } from '../../shared/record/canonical.ts';
import type { Subscription } from '../../shared/store/subscriptions.ts';
import { type AddressRules, addressProblem } from './address.ts';

/** Bytes of a filter as JSON: an item of the directory is read by every matcher. */
const LONGEST_FILTER = 8 * 1024;

/** The fields of a subscription that its owner sets; those that were not named are not there. */
export type Fields = Partial<Pick<Subscription, 'channel' | 'filter' | 'description' | 'active'>>;

/** Validates a body: shape, channel, and the filter, whose mistakes are named by their place under `/filter`. */
export function readFields(
  schema: typeof createSubscription | typeof changeSubscription,
  body: Body,
  rules: AddressRules,
): Validated<Fields> {
  const parsed = body.form ? parseFilter(body.value) : { ok: true as const, value: body.value };
  if (!parsed.ok) return parsed;
  const result = validate(schema, { ...body, value: parsed.value });
  if (!result.ok) return result;
  const { channel, filter, description, active } = result.value;
  const errors = [...(channel ? channelErrors(channel, rules) : []), ...filterErrors(filter)];
  if (errors.length > 0) return { ok: false, errors };
  return {
    ok: true,
    value: {
      ...(channel && { channel: { type: 'webhook', url: new URL(channel.url ?? '').href } }),
      ...(filter !== undefined && { filter: isEmpty(filter) ? null : filter }),
      ...(description !== undefined && { description: description || null }),
      ...(active !== undefined && { active }),
    },
  };
}

/** In a form the filter is one field that holds JSON; left empty, it was not filled in. */
function parseFilter(value: unknown): Validated<unknown> {
  const fields = value as Record<string, unknown>;
  const text = fields?.['filter'];
  if (typeof text !== 'string' || text.trim() === '') return { ok: true, value };
  try {
    return { ok: true, value: { ...fields, filter: JSON.parse(text) as unknown } };
  } catch {
    return { ok: false, errors: [{ pointer: '/filter', code: 'invalid-filter', detail: 'is not JSON' }] };
  }
}

function channelErrors({ type, url, address }: Channel, rules: AddressRules): FieldError[] {
  if (type === 'email')
    return [
      {
        pointer: '/channel/type',
        code: 'channel-not-available',
        detail: 'e-mail is not available yet: use a webhook, {"type": "webhook", "url": "https://…"}',
      },
    ];
  if (address !== undefined)
    return [{ pointer: '/channel/address', code: 'unknown-field', detail: 'is not a field of a webhook' }];
  if (url === undefined) return [{ pointer: '/channel/url', code: 'invalid-type', detail: 'is missing' }];
  const detail = addressProblem(url, rules);
  return detail ? [{ pointer: '/channel/url', code: 'invalid-address', detail }] : [];
}

function filterErrors(filter: Filter): FieldError[] {
  if (isEmpty(filter)) return [];
  const size = Buffer.byteLength(JSON.stringify(filter));
  if (size > LONGEST_FILTER)
    return [{ pointer: '/filter', code: 'too-big', detail: `has more than ${LONGEST_FILTER} bytes` }];
  if (!isFaithful(filter))
    return [
      {
        pointer: '/filter',
        code: 'invalid-filter',
        detail: 'holds half of a surrogate pair, or a number too large',
      },
    ];
  const compiled = compilePattern(filter);
  if (compiled.ok) return [];
  return compiled.errors.map(({ pointer, detail }) => ({
    pointer: `/filter${pointer}`,
    code: 'invalid-filter',
    detail,
  }));
}

/** What JSON can not carry faithfully can not be kept. */
function isFaithful(filter: unknown): boolean {
  try {
    return canonical(filter) !== '';
  } catch {
    return false;
  }
}

/** No filter, and one without a field, listen to everything. */
const isEmpty = (filter: Record<string, unknown> | null | undefined): filter is null | undefined =>
  !filter || Object.keys(filter).length === 0;
