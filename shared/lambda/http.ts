import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Actor } from '../commitment/event.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { type Body, readBody, type Unreadable } from './body.ts';
import { type Access, type Person, roleFor, roleInTrail } from './person.ts';
import { problem } from './problem.ts';
import type { VerifyToken } from './token.ts';

/** One request, as a handler takes it. */
export interface Call {
  requestId: string;
  /** RFC 3339: when it came in. */
  time: string;
  /** `POST /v1/commitments/{id}/updates`. */
  route: string;
  method: string;
  path: string;
  params: Record<string, string>;
  query: Record<string, string>;
  /** Lower-case names. */
  headers: Record<string, string | undefined>;
  person: Person | null;
  /** The role in which the person takes this route; `person` where any signed-in person may. */
  role: string;
  /** Who asks, as the trail names them: pseudonym, role and session. @throws where nobody is signed in. */
  actor(): Promise<Actor>;
  body(): Promise<Body | Unreadable>;
}

/** `body` is written as JSON; a string or bytes are written as they are. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** A route of the API, as the table of routes names it. */
export interface Route {
  route: string;
  access: Access;
  /** What a refusal of it is called in the audit trail; `decisions` says it by the decision in the body. */
  action?: string;
  decisions?: Readonly<Record<string, string>>;
}

/** The names under which the trail knows a person. The first call of a session is where its sign-in is recorded. */
export type Identify = (person: Person, call: Call) => Promise<{ id: string; session: string }>;

export interface Door {
  routes: readonly Route[];
  handlers: Record<string, (call: Call) => Promise<Answer>>;
  verify: VerifyToken;
  /** Left out where everybody is answered the same. */
  identify?: Identify;
  clock: Clock;
  log: Log;
  /** Records or counts a refusal. It is awaited, since nothing runs after the answer of a Lambda function. */
  refused?: (call: Call, route: Route, answer: Answer) => Promise<void>;
}

export type HttpHandler = (
  event: APIGatewayProxyEventV2,
  context: never,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** The HTTP door: token → role → handler → answer. What a handler throws becomes a bland problem; its cause goes to the log. */
export function httpDoor(door: Door): HttpHandler {
  const routes = new Map(door.routes.map((route) => [route.route, route]));
  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
    .use({
      onError: (request) => {
        door.log.error('request failed', {
          requestId: request.event.requestContext.requestId,
          route: request.event.routeKey,
          error: request.error,
        });
        request.response = toResult(request.event.requestContext.requestId, failure(request.error));
      },
    })
    .handler(async (event) => {
      const { requestId } = event.requestContext;
      // HEAD is answered as GET; the gateway sends no body.
      const routeKey = event.routeKey.replace(/^HEAD /, 'GET ');
      const route = routes.get(routeKey);
      const handle = door.handlers[routeKey];
      if (!route || !handle)
        return toResult(requestId, problem('not-found', 'There is nothing at this path.'));
      const call = toCall(event, routeKey, door);
      const closed = await admit(call, route, door.verify);
      // Known before anything is done: whoever comes in, the trail says since when.
      if (call.person && door.identify) await call.actor();
      const answer = closed ?? namesNothing(call.params) ?? (await handle(call));
      if (door.refused && isRefusal(call, answer)) await door.refused(call, route, answer);
      return toResult(requestId, answer);
    }) as unknown as HttpHandler;
}

/** Sets the person and the role on the call, or answers why they may not come in. */
async function admit(call: Call, { access }: Route, verify: VerifyToken): Promise<Answer | null> {
  const [scheme, token] = (call.headers['authorization'] ?? '').split(/ +/, 2);
  if (token && scheme?.toLowerCase() === 'bearer') {
    // A public page stays public to those whose token has run out, and while the issuer is away.
    call.person = await verify(token).catch((error: unknown) => {
      if (access === 'anyone') return null;
      throw error;
    });
    if (!call.person && access !== 'anyone')
      return problem('invalid-token', 'The bearer token is not valid, or no longer.', {
        headers: challenge('error="invalid_token"'),
      });
  }
  if (access === 'anyone') return null;
  if (!call.person) return problem('unauthenticated', 'This needs a bearer token.', { headers: challenge() });
  const role = roleFor(access, call.person);
  if (!role) {
    const wanted = access === 'signed-in' ? 'signed-in people' : access.join(' or ');
    return problem('forbidden', `This is for: ${wanted}.`);
  }
  call.role = role;
  return null;
}

/** Longer than any identifier, and well below the 1,024 bytes that a sort key of DynamoDB may have. */
const LONGEST_NAME = 200;

const namesNothing = (params: Call['params']): Answer | null =>
  Object.values(params).some((name) => name.length > LONGEST_NAME)
    ? problem('not-found', 'Nothing here has so long a name.')
    : null;

const challenge = (extra = ''): Record<string, string> => ({
  'www-authenticate': `Bearer realm="followthrough"${extra && `, ${extra}`}`,
});

/** Reads that find nothing are no refusals; a closed door always is. */
const isRefusal = ({ method }: Call, { status }: Answer): boolean =>
  status === 401 ||
  status === 403 ||
  (method !== 'GET' && method !== 'HEAD' && status >= 400 && status < 500);

/** Errors that pass: the client may come again. */
const PASSING = new Set([
  'Contention',
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'TimeoutError',
  'KeysUnavailable',
]);

const failure = (error: Error | null | undefined): Answer =>
  PASSING.has(error?.name ?? '')
    ? problem('try-again', 'Nothing was changed. Send the same request again.', {
        headers: { 'retry-after': '1' },
      })
    : problem(
        'internal-error',
        'It was logged, and nothing was half-written. The same request may be sent again.',
      );

function toCall(event: APIGatewayProxyEventV2, route: string, { clock, identify }: Door): Call {
  let body: Promise<Body | Unreadable> | undefined;
  let names: ReturnType<Identify> | undefined;
  const { http, requestId } = event.requestContext;
  const call: Call = {
    requestId,
    time: clock(),
    route,
    method: http.method,
    path: event.rawPath,
    params: (event.pathParameters ?? {}) as Record<string, string>,
    query: (event.queryStringParameters ?? {}) as Record<string, string>,
    headers: event.headers,
    person: null,
    role: 'person',
    async actor() {
      const { person, role } = call;
      if (!person || !identify) throw new TypeError('nobody is signed in');
      names ??= identify(person, call);
      const { id, session } = await names;
      return { id, role: roleInTrail(role, person), session };
    },
    body: () => {
      body ??= readBody(
        Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
        event.headers['content-type'],
      );
      return body;
    },
  };
  return call;
}

function toResult(
  requestId: string,
  { status, headers = {}, body }: Answer,
): APIGatewayProxyStructuredResultV2 {
  const shared = { 'request-id': requestId, 'x-content-type-options': 'nosniff' };
  if (body === undefined) return { statusCode: status, headers: { ...shared, ...headers } };
  if (typeof body === 'string') return { statusCode: status, headers: { ...shared, ...headers }, body };
  if (body instanceof Uint8Array)
    return {
      statusCode: status,
      headers: { ...shared, ...headers },
      body: Buffer.from(body).toString('base64'),
      isBase64Encoded: true,
    };
  return {
    statusCode: status,
    headers: { 'content-type': 'application/json', ...shared, ...headers },
    body: JSON.stringify(body),
  };
}
