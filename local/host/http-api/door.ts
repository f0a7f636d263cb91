import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FunctionRunner, Outcome } from '../functions/runner.ts';
import { type Answer, answerOf, gatewayAnswers, send } from './answer.ts';
import { readBody } from './body.ts';
import type { Cors } from './cors.ts';
import { type ApiFacts, eventOf } from './event.ts';
import { decode, type Router } from './routes.ts';

/** Limits of HTTP APIs: payload 10 MB, integration 30 seconds. */
const maximumBody = 10 * 1024 * 1024;
const maximumWait = 30_000;

export interface DoorOptions {
  router: Router<FunctionRunner>;
  cors: Cors | undefined;
  api: ApiFacts;
}

/** The request listener of an HTTP API. */
export function makeDoor({ router, cors, api }: DoorOptions) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    // What a function says may be no HTTP (a line break in a header): that is the gateway's 500.
    answer(request, response).catch(() => {
      for (const name of response.getHeaderNames()) response.removeHeader(name);
      send(response, gatewayAnswers.internalError(), request.method === 'HEAD');
    });
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isHead = request.method === 'HEAD';
    if (cors) {
      const preflight = cors.preflight(request);
      if (preflight) return send(response, { statusCode: 204, headers: preflight, body: '' }, false);
      for (const [name, value] of Object.entries(cors.headers(request))) response.setHeader(name, value);
    }
    const url = request.url ?? '/';
    const question = url.indexOf('?');
    // Node would answer this itself, without a request id, and end the connection too.
    if (request.headers.host === undefined && request.httpVersion === '1.1') {
      response.setHeader('connection', 'close');
      return send(response, gatewayAnswers.unreadable(), isHead);
    }
    const path = question < 0 ? url : url.slice(0, question);
    const match = router(request.method ?? 'GET', path);
    if (!match) return send(response, gatewayAnswers.notFound(), isHead);
    const body = await readBody(request, maximumBody);
    if (body === 'too large') {
      response.setHeader('connection', 'close');
      return send(response, gatewayAnswers.tooLarge(), isHead);
    }
    if (body === 'gone') return;
    // An HTTP API gives the path decoded, raw or not.
    const { route, pathParameters } = match;
    const addressed = { routeKey: route.key, rawPath: decode(path), pathParameters };
    const outcome = await withinLimit(route.target, eventOf(request, addressed, body, api));
    if (outcome === 'late') return send(response, gatewayAnswers.unavailable(), isHead);
    send(response, outcome.ok ? answerOf(outcome.payload) : failed(outcome.payload), isHead);
  }
}

/** The gateway takes bodies of 10 MB, its function payloads of 6 MB. */
function failed(payload: string): Answer {
  const { errorType } = JSON.parse(payload) as { errorType?: string };
  return errorType === 'RequestTooLargeException'
    ? gatewayAnswers.tooLarge()
    : gatewayAnswers.internalError();
}

/** A function that may run longer than the API waits is answered for when the API's time is over. */
function withinLimit(runner: FunctionRunner, event: string): Promise<Outcome | 'late'> {
  const invocation = runner.invoke(event);
  if (runner.definition.start.timeoutMs < maximumWait) return invocation;
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('late'), maximumWait);
    void invocation.then((outcome) => {
      clearTimeout(timer);
      resolve(outcome);
    });
  });
}
