import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FunctionRunner } from '../functions/runner.ts';
import type { Json } from '../services.ts';
import type { Resource } from '../template/assembly.ts';
import { functionUrlPath } from '../template/attributes.ts';
import type { Cloud } from '../template/cloud.ts';
import { TemplateError } from '../template/intrinsics.ts';
import { answerOf, gatewayAnswers, send } from './answer.ts';
import { readBody } from './body.ts';
import { type Cors, makeCors } from './cors.ts';
import { eventOf } from './event.ts';

/** A function that anyone reaches by an address of its own. */
export interface FunctionUrl {
  /** The prefix of its paths, with a slash at its end. */
  path: string;
  /** Stands in the event where AWS has the host name of the URL. */
  id: string;
  target: FunctionRunner;
  cors: Cors | undefined;
}

/** Limit of requests and answers of function URLs. */
const maximumBody = 6 * 1024 * 1024;

export function readFunctionUrls(
  cloud: Cloud,
  runnerOf: (arn: string) => FunctionRunner | undefined,
): FunctionUrl[] {
  const urls = cloud.resources('AWS::Lambda::Url').map((resource) => read(cloud, resource, runnerOf));
  const paths = urls.map(({ path }) => path);
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice !== undefined) throw new TemplateError(twice, 'two function URLs have this path');
  return urls;
}

function read(
  cloud: Cloud,
  resource: Resource,
  runnerOf: (arn: string) => FunctionRunner | undefined,
): FunctionUrl {
  const where = `${resource.stack}.${resource.logicalId}`;
  const authType = cloud.property(resource, 'AuthType');
  if (authType !== 'NONE') {
    throw new TemplateError(where, `the host serves function URLs for anyone, not ${authType}`);
  }
  const mode = cloud.property(resource, 'InvokeMode') ?? 'BUFFERED';
  if (mode !== 'BUFFERED') throw new TemplateError(where, `the host does not know the mode ${mode}`);
  const target = runnerOf(String(cloud.property(resource, 'TargetFunctionArn')));
  if (!target) throw new TemplateError(where, 'its function is not in the assembly');
  const cors = makeCors(cloud.property(resource, 'Cors') as Json | undefined);
  return { path: functionUrlPath(resource), id: cloud.nameOf(resource), target, cors };
}

/** The request listener of all function URLs; answers false for a request to none of them. */
export function makeUrlDoor(urls: readonly FunctionUrl[], domainName: string) {
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const address = request.url ?? '/';
    const found = urls.find(({ path }) => address.startsWith(path) || address === path.slice(0, -1));
    if (!found) return false;
    answer(found, request, response).catch(() => {
      for (const name of response.getHeaderNames()) response.removeHeader(name);
      send(response, gatewayAnswers.badGateway(), request.method === 'HEAD');
    });
    return true;
  };

  async function answer(
    { path, id, target, cors }: FunctionUrl,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const isHead = request.method === 'HEAD';
    const preflight = cors?.preflight(request);
    if (preflight) return send(response, { statusCode: 200, headers: preflight, body: '' }, false);
    for (const [name, value] of Object.entries(cors?.headers(request) ?? {})) response.setHeader(name, value);
    const body = await readBody(request, maximumBody);
    if (body === 'too large') {
      response.setHeader('connection', 'close');
      return send(response, gatewayAnswers.tooLarge(), isHead);
    }
    if (body === 'gone') return;
    const [rawPath = ''] = (request.url ?? '').slice(path.length - 1).split('?', 1);
    const facts = { apiId: id, domainName, stage: '$default', accountId: 'anonymous' };
    const event = eventOf(request, { routeKey: '$default', rawPath: rawPath || '/' }, body, facts);
    const outcome = await target.invoke(event);
    send(response, outcome.ok ? answerOf(outcome.payload) : failed(outcome.payload), isHead);
  }
}

function failed(payload: string) {
  const { errorType } = JSON.parse(payload) as { errorType?: string };
  return errorType === 'RequestTooLargeException' ? gatewayAnswers.tooLarge() : gatewayAnswers.badGateway();
}
