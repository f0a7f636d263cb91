import type { FieldError, Rejection, RejectionCode } from '../commitment/rejection.ts';
import type { Answer } from './http.ts';

/** Every code of every problem, with its HTTP status and title. */
export const PROBLEMS = {
  'malformed-body': [400, 'The body can not be read'],
  'malformed-query': [400, 'A query parameter can not be read'],
  'idempotency-key-missing': [400, 'An idempotency key is needed'],
  unauthenticated: [401, 'Sign in first'],
  'invalid-token': [401, 'The token is not valid'],
  forbidden: [403, 'Your role may not do this'],
  'not-your-unit': [403, 'Not your unit'],
  'self-verification': [403, 'You reported on it yourself'],
  'self-decision': [403, 'You requested it yourself'],
  'not-found': [404, 'There is no such thing'],
  'method-not-allowed': [405, 'This method is not for this path'],
  'not-acceptable': [406, 'No such representation'],
  'transition-not-allowed': [409, 'The lifecycle has no such step'],
  'extension-pending': [409, 'An extension is pending'],
  'already-decided': [409, 'Decided already'],
  'idempotency-key-in-use': [409, 'The key is in use'],
  'subscription-inactive': [409, 'The subscription is switched off'],
  'limit-reached': [409, 'There is no room for more'],
  'log-empty': [409, 'Nothing has its place in the log yet'],
  'export-failed': [409, 'The export could not be written'],
  'version-stale': [412, 'Somebody changed it since'],
  'body-too-large': [413, 'The body is too large'],
  'unsupported-media-type': [415, 'This media type is not taken'],
  'invalid-body': [422, 'Some fields need attention'],
  'evidence-required': [422, 'Evidence is needed'],
  'reason-required': [422, 'A reason is needed'],
  'extension-not-later': [422, 'The date is not later'],
  'idempotency-key-reused': [422, 'The key was used for something else'],
  'result-too-large': [422, 'The result is too large for one answer'],
  'version-missing': [428, 'Say which version you saw'],
  'internal-error': [500, 'Something went wrong on our side'],
  'try-again': [503, 'Busy: try again in a moment'],
} as const satisfies Record<RejectionCode | string, readonly [number, string]>;

export type ProblemCode = keyof typeof PROBLEMS;

/** An RFC 9457 answer. `type` is a relative reference that names the code. */
export function problem(
  code: ProblemCode,
  detail: string,
  extra: { errors?: FieldError[]; headers?: Record<string, string>; [field: string]: unknown } = {},
): Answer {
  const [status, title] = PROBLEMS[code];
  const { headers, ...fields } = extra;
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
    body: { type: `/problems/${code}`, title, status, code, detail, ...fields },
  };
}

export const rejected = ({ code, detail, errors }: Rejection): Answer =>
  problem(code, detail, errors && { errors });
