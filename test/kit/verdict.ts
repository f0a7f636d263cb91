import { resolve } from 'node:path';
import { PROBLEMS } from '../../shared/lambda/problem.ts';
import type { Reply, Request } from './wire.ts';

/** What no answer may hold: a stack, a place on the disk, what the database said. */
const LEAKS = [
  /\n\s+at \S/,
  /node:internal|file:\/\/|node_modules|\.[mc]?[jt]s:\d/,
  /ValidationException|ConditionalCheck|TransactionCancel|DynamoDB|ECONNREFUSED|x-amz/i,
  /\b(Type|Range|Reference|Syntax|Zod)Error\b/,
];
const REPOSITORY = resolve(import.meta.dirname, '../..');

/** What the local gateway says of what is no HTTP. */
const OF_THE_GATEWAY = { 'malformed-request': 400, 'headers-too-large': 431 };
const STATUSES = new Map<string | undefined, number>([
  ...Object.entries(PROBLEMS).map(([code, [status]]) => [code, status] as const),
  ...Object.entries(OF_THE_GATEWAY),
]);

/** What is wrong with an answer, whatever was asked; null for one that may be given. `secrets` are texts it may not hold. */
export function wrongWith(request: Request, reply: Reply | null, secrets: readonly string[]): string | null {
  if (!reply) return request.method === 'CONNECT' ? null : 'no answer';
  const { status, headers, text } = reply;
  if (!(status >= 200 && status < 500)) return `status ${status}`;
  // A redirect to a file of an export is a presigned link.
  const { location = '', ...told } = headers;
  const shown = status === 307 && /[?&]X-Amz-Signature=/.test(location) ? told : headers;
  const whole = `${JSON.stringify(shown)}\n${text}`;
  const sent = `${request.target} ${decoded(request.target)} ${JSON.stringify(request.headers)} ${request.body?.toString() ?? ''}`;
  const leak = LEAKS.find((pattern) => pattern.test(whole) && !pattern.test(sent));
  if (leak) return `it holds ${leak}`;
  const secret = [REPOSITORY, ...secrets].find((one) => whole.includes(one) && !sent.includes(one));
  if (secret !== undefined) return `it holds ${secret}`;
  if (isOfTheParser(reply)) return null;
  if (!headers['request-id']) return 'it has no Request-Id';
  if (status < 400 || request.method === 'HEAD') return null;
  const type = headers['content-type'] ?? '';
  if (status === 422 && type.startsWith('text/html')) return null;
  if (type !== 'application/problem+json') return `a refusal in ${type}`;
  const problem = JSON.parse(text) as { code?: string; status?: number; detail?: string };
  if (STATUSES.get(problem.code) !== status || problem.status !== status)
    return `code ${problem.code} with status ${status}`;
  return /\S.*\.$/s.test(problem.detail ?? '') ? null : 'no sentence says why';
}

/** Escapes undone one by one, since some of them may be nonsense. */
const decoded = (target: string): string =>
  target.replace(/%[0-7][0-9a-f]/gi, (escaped) => decodeURIComponent(escaped));

/** Node's HTTP parser answers what is no HTTP itself, with an empty body, and hangs up. */
const isOfTheParser = ({ status, headers, text }: Reply): boolean =>
  [400, 408, 417, 431].includes(status) && text === '' && headers['content-type'] === undefined;
