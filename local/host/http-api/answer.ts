import { randomUUID } from 'node:crypto';
import { type ServerResponse, STATUS_CODES } from 'node:http';

/** What an HTTP API sends for the answer of a function. */
export interface Answer {
  statusCode: number;
  headers: Record<string, string | string[]>;
  body: string | Buffer;
}

interface Structured {
  statusCode?: unknown;
  headers?: Record<string, unknown>;
  cookies?: string[];
  body?: unknown;
  isBase64Encoded?: boolean;
}

/**
 * What the gateway itself answers before or behind the function. An HTTP API can't be told other words than its own
 * `{message}`; here they have the form that every client knows from the functions.
 */
export const gatewayAnswers = {
  unreadable: () => problem(400, 'malformed-request', 'This is no HTTP request.'),
  tooSlow: () => problem(408, 'request-timeout', 'The request did not come to its end.'),
  unexpected: () => problem(417, 'expectation-failed', 'Nothing but 100-continue can be expected.'),
  headersTooLarge: () => problem(431, 'headers-too-large', 'The headers are too large.'),
  notFound: () => problem(404, 'not-found', 'No route takes this.'),
  tooLarge: () => problem(413, 'body-too-large', 'This is more than any function takes.'),
  internalError: () => problem(500, 'internal-error', 'The function failed; its log says why.'),
  badGateway: () => problem(502, 'function-failed', 'The function failed; its log says why.'),
  stopping: () => problem(503, 'try-again', 'The system is stopping.'),
  unavailable: () => problem(503, 'try-again', 'The function took too long.'),
};

/**
 * Reads the answer of a function: with a `statusCode` it is a response; without one it is the body of a 200
 * in JSON. Source: "Lambda function response for format 2.0" of the API Gateway guide.
 */
export function answerOf(payload: string): Answer {
  const value: unknown = JSON.parse(payload);
  if (!isStructured(value)) {
    const body = typeof value === 'string' ? value : payload;
    return { statusCode: 200, headers: { 'content-type': 'application/json' }, body };
  }
  const statusCode = Number(value.statusCode);
  if (!Number.isInteger(statusCode) || statusCode < 100 || statusCode > 599)
    return gatewayAnswers.internalError();
  const headers: Answer['headers'] = {};
  for (const [name, content] of Object.entries(value.headers ?? {}))
    headers[name.toLowerCase()] = String(content);
  if (value.cookies?.length) headers['set-cookie'] = value.cookies;
  const text = value.body === undefined || value.body === null ? '' : bodyText(value.body);
  if (text !== '') headers['content-type'] ??= 'text/plain; charset=utf-8';
  return { statusCode, headers, body: value.isBase64Encoded ? Buffer.from(text, 'base64') : text };
}

export function send(response: ServerResponse, answer: Answer, isHead: boolean): void {
  if (response.headersSent || response.destroyed) return;
  const { statusCode, headers, body } = answer;
  const empty = statusCode === 204 || statusCode === 304 || statusCode < 200;
  if (!empty) headers['content-length'] = String(Buffer.byteLength(body));
  response.writeHead(statusCode, headers);
  if (isHead || empty) response.end();
  else response.end(body);
}

function isStructured(value: unknown): value is Structured {
  return typeof value === 'object' && value !== null && 'statusCode' in value;
}

function bodyText(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function problem(status: number, code: string, detail: string): Answer {
  const title = STATUS_CODES[status] ?? '';
  return {
    statusCode: status,
    headers: { 'content-type': 'application/problem+json', 'request-id': randomUUID() },
    body: JSON.stringify({ type: `/problems/${code}`, title, status, code, detail }),
  };
}
