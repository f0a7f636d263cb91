import { randomBytes, randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { type FunctionWithRoutes, ROUTES } from '../../functions/routes.ts';
import { FUNCTIONS } from '../../functions/wiring.ts';
import type { HttpHandler } from '../../shared/lambda/http.ts';
import { TABLES, type TableName } from '../../shared/store/keys.ts';
import { startTables, type Tables } from './dynamodb.ts';
import { type FaultyDynamoDb, startFaultyDynamoDb } from './faulty-dynamodb.ts';
import { PEOPLE, type PersonName, startIssuer } from './issuer.ts';

export interface Answered {
  status: number;
  headers: Record<string, string>;
  /** Parsed where it is JSON. */
  body: Json;
}

/** JSON that a test reads by its fields. */
export type Json = { [field: string]: Json } & Json[] & string & number & boolean & null;

export interface Asked {
  as?: PersonName;
  /** An object is sent as JSON; a string as it is. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Becomes If-Match. */
  version?: number;
  /** Drawn for every POST unless given; null sends none. */
  key?: string | null;
}

export interface Api {
  tables: Tables;
  /** Stands between the functions and the tables, where faults were asked for. */
  proxy: FaultyDynamoDb | undefined;
  call(route: string, asked?: Asked): Promise<Answered>;
  stop(): Promise<void>;
}

/**
 * The real entries of the functions that answer HTTP routes, on real tables, called as API Gateway calls them: no port, no mock.
 * `route` is a method and a path with its query, like `GET /v1/commitments?limit=1`.
 */
export async function startApi({ faulty = false } = {}): Promise<Api> {
  const [tables, issuer] = await Promise.all([startTables(), startIssuer()]);
  const proxy = faulty ? await startFaultyDynamoDb(tables.endpoint) : undefined;
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: proxy?.endpoint ?? tables.endpoint,
    ISSUER_URL: issuer.issuer,
    JWKS_URL: issuer.jwksUri,
    TOKEN_AUDIENCE: issuer.audience,
    ...Object.fromEntries(
      Object.entries(TABLES).map(([name, { env }]) => [env, tables.tables[name as TableName]]),
    ),
  });
  const handlers = new Map<FunctionWithRoutes, Promise<HttpHandler>>();
  const handlerOf = (name: FunctionWithRoutes): Promise<HttpHandler> => {
    const loaded =
      handlers.get(name) ??
      import(/* @vite-ignore */ `../../${FUNCTIONS[name].entry}`).then(
        ({ handler }) => handler as HttpHandler,
      );
    handlers.set(name, loaded);
    return loaded;
  };
  return {
    tables,
    proxy,
    async call(route, asked = {}) {
      const [method = '', target = ''] = route.split(' ');
      const { name, event } = toEvent(method, target, asked);
      const token = asked.as && (await issuer.token({ subject: asked.as, ...PEOPLE[asked.as] }));
      if (token) event.headers['authorization'] = `Bearer ${token}`;
      return answered(await (await handlerOf(name))(event, undefined as never));
    },
    async stop() {
      await Promise.all([tables.stop(), issuer.stop(), proxy?.stop()]);
    },
  };
}

function toEvent(method: string, target: string, { body, headers = {}, version, key }: Asked) {
  const url = new URL(target, 'http://127.0.0.1');
  const found = match(method, url.pathname);
  const json = typeof body !== 'string' && body !== undefined;
  const sentKey = key === undefined && method === 'POST' ? randomUUID() : key;
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const event = {
    version: '2.0',
    routeKey: found.route,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers: {
      ...(json && { 'content-type': 'application/json' }),
      ...(sentKey && { 'idempotency-key': sentKey }),
      ...(version !== undefined && { 'if-match': `"v${version}"` }),
      ...lower,
    } as Record<string, string>,
    queryStringParameters: Object.fromEntries(url.searchParams),
    pathParameters: found.params,
    requestContext: {
      requestId: `${randomBytes(11).toString('base64url')}=`,
      http: { method, path: url.pathname, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
    },
    isBase64Encoded: false,
    ...(body !== undefined && { body: json ? JSON.stringify(body) : (body as string) }),
  };
  return { name: found.function, event: event as unknown as APIGatewayProxyEventV2 };
}

function match(method: string, path: string) {
  for (const route of ROUTES) {
    const [routeMethod, pattern = ''] = route.route.split(' ');
    const names = [...pattern.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name ?? '');
    const values = new RegExp(`^${pattern.replace(/\{[^}]+\}/g, '([^/]+)')}$`).exec(path);
    if (routeMethod === method && values) {
      const params = Object.fromEntries(
        names.map((name, index) => [name, decodeURIComponent(values[index + 1] ?? '')]),
      );
      return { ...route, params };
    }
  }
  return { route: '$default', function: 'web-pages' as const, params: {} };
}

function answered({ statusCode = 0, headers = {}, body = '' }: APIGatewayProxyStructuredResultV2): Answered {
  const json = String(headers['content-type'] ?? '').includes('json') && body !== '';
  return {
    status: statusCode,
    headers: headers as Record<string, string>,
    body: (json ? JSON.parse(body) : body) as Json,
  };
}
