import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** What of the API stands in every event. */
export interface ApiFacts {
  accountId: string;
  apiId: string;
  domainName: string;
  stage: string;
}

/** What the request was found to be for. */
export interface Addressed {
  routeKey: string;
  rawPath: string;
  pathParameters?: Record<string, string> | undefined;
}

/**
 * The event of payload format 2.0, as JSON. Header names in lower case, duplicates joined by commas; cookies
 * apart; a body that is not text is in base64.
 * Source: "Create AWS Lambda proxy integrations for HTTP APIs" of the API Gateway guide.
 */
export function eventOf(
  request: IncomingMessage,
  { routeKey, rawPath, pathParameters }: Addressed,
  body: Buffer | undefined,
  api: ApiFacts,
): string {
  const url = request.url ?? '/';
  const question = url.indexOf('?');
  const rawQueryString = question < 0 ? '' : url.slice(question + 1);
  const headers = headersOf(request);
  const cookies = request.headers.cookie?.split('; ');
  const now = new Date();
  const isText = body !== undefined && textual(request.headers['content-type'], request.headers);
  return JSON.stringify({
    version: '2.0',
    routeKey,
    rawPath,
    rawQueryString,
    ...(cookies && { cookies }),
    headers,
    ...(rawQueryString !== '' && { queryStringParameters: parametersOf(rawQueryString) }),
    requestContext: {
      accountId: api.accountId,
      apiId: api.apiId,
      domainName: api.domainName,
      domainPrefix: api.apiId,
      http: {
        method: request.method,
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
        userAgent: request.headers['user-agent'] ?? '',
      },
      // Sixteen characters, as those of an HTTP API: every record holds one.
      requestId: `${randomBytes(11).toString('base64url')}=`,
      routeKey,
      stage: api.stage,
      time: commonLogTime(now),
      timeEpoch: now.getTime(),
    },
    ...(pathParameters && { pathParameters }),
    ...(body && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body !== undefined && !isText,
  });
}

function headersOf(request: IncomingMessage): Record<string, string> {
  const { rawHeaders } = request;
  const headers: Record<string, string> = {};
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase();
    // Connection headers end at the gateway; cookies have a field of their own.
    if (name === 'cookie' || name === 'connection' || name === 'keep-alive') continue;
    const value = rawHeaders[i + 1] as string;
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before},${value}`;
  }
  return headers;
}

function parametersOf(rawQueryString: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    const before = Object.hasOwn(found, name) ? found[name] : undefined;
    found[name] = before === undefined ? value : `${before},${value}`;
  }
  return found;
}

// Forms come in base64 too: only these are passed on as text.
const textTypes = /^(text\/|application\/(json|xml|javascript|[\w.+-]+\+(json|xml)))/i;

function textual(type: string | undefined, headers: IncomingMessage['headers']): boolean {
  if (headers['content-encoding'] !== undefined) return false;
  return type !== undefined && textTypes.test(type);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `24/Nov/2026:11:33:56 +0000`. */
function commonLogTime(time: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${two(time.getUTCDate())}/${months[time.getUTCMonth()]}/${time.getUTCFullYear()}`;
  return `${date}:${two(time.getUTCHours())}:${two(time.getUTCMinutes())}:${two(time.getUTCSeconds())} +0000`;
}
