import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FunctionRunner } from '../functions/runner.ts';
import { account, type Json } from '../services.ts';
import type { Resource } from '../template/assembly.ts';
import type { Cloud } from '../template/cloud.ts';
import { TemplateError } from '../template/intrinsics.ts';
import { gatewayAnswers, send } from './answer.ts';
import { makeCors } from './cors.ts';
import { makeDoor } from './door.ts';
import { makeRouter, type Route } from './routes.ts';
import { answerUnreadable } from './unreadable.ts';

/** The HTTP server of the API: it listens first, since functions are told its address, and is opened later. */
export interface HttpFront {
  url: string;
  open(listener: (request: IncomingMessage, response: ServerResponse) => void): void;
  close(): Promise<void>;
}

export async function listen(port: number): Promise<HttpFront> {
  const server = createServer({ keepAlive: true, keepAliveTimeout: 60_000, requireHostHeader: false });
  server.on('clientError', answerUnreadable);
  server.on('checkExpectation', (_, response) => send(response, gatewayAnswers.unexpected(), false));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: (listener) => void server.on('request', listener),
    close: () => close(server),
  };
}

/** The one HTTP API of the assembly. */
export interface Api {
  routes: Route<FunctionRunner>[];
  door: ReturnType<typeof makeDoor>;
}

/** Undefined without an API. Throws `TemplateError` when there are several, or a route leads nowhere. */
export function readApi(
  cloud: Cloud,
  url: string,
  runnerOf: (arn: string) => FunctionRunner | undefined,
): Api | undefined {
  const apis = cloud.resources('AWS::ApiGatewayV2::Api');
  const [api] = apis;
  if (!api) return undefined;
  if (apis.length > 1) {
    throw new TemplateError(api.logicalId, 'the host serves one HTTP API, the template has more');
  }
  const routes = cloud
    .resources('AWS::ApiGatewayV2::Route')
    .map((route) => readRoute(cloud, route, runnerOf));
  const stage = cloud.resources('AWS::ApiGatewayV2::Stage')[0];
  const door = makeDoor({
    router: makeRouter(routes),
    cors: makeCors(cloud.property(api, 'CorsConfiguration') as Json | undefined),
    api: {
      accountId: account,
      apiId: cloud.nameOf(api),
      domainName: new URL(url).host,
      stage: String((stage && cloud.property(stage, 'StageName')) ?? '$default'),
    },
  });
  return { routes, door };
}

function readRoute(
  cloud: Cloud,
  route: Resource,
  runnerOf: (arn: string) => FunctionRunner | undefined,
): Route<FunctionRunner> {
  const where = `${route.stack}.${route.logicalId}`;
  const authorization = cloud.property(route, 'AuthorizationType');
  if (authorization !== undefined && authorization !== 'NONE') {
    throw new TemplateError(where, `the host has no ${String(authorization)} authoriser`);
  }
  const target = String(cloud.property(route, 'Target'));
  const integration = cloud
    .resources('AWS::ApiGatewayV2::Integration')
    .find((candidate) => `integrations/${cloud.nameOf(candidate)}` === target);
  const uri = integration && cloud.property(integration, 'IntegrationUri');
  const runner = typeof uri === 'string' ? runnerOf(uri) : undefined;
  if (!runner) throw new TemplateError(where, `its target ${target} is no function of this assembly`);
  return { key: String(cloud.property(route, 'RouteKey')), target: runner };
}

/** For a template without an API. */
export function answerNothing(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  send(response, gatewayAnswers.notFound(), request.method === 'HEAD');
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    // A client that never finishes must not hold the stop up.
    setTimeout(() => server.closeAllConnections(), 2000).unref();
  });
}
