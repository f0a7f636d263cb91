import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FunctionRunner, Outcome } from '../functions/runner.ts';
import { type Answer, answerOf, gatewayAnswers, send } from './answer.ts';
import type { Cors } from './cors.ts';
import { type ApiFacts, eventOf } from './event.ts';
import type { Router } from './routes.ts';

/** Limits of HTTP APIs: payload 10 MB, integration 30 seconds. */
const maximumBody = 10 * 1024 * 1024;
const maximumWait = 30_000;
/** What is too large is read to its end up to here, since a client that still sends sees a broken connection, not the answer. */
const maximumRead = 64 * 1024 * 1024;

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
    const match = router(request.method ?? 'GET', question < 0 ? url : url.slice(0, question));
    if (!match) return send(response, gatewayAnswers.notFound(), isHead);
    const body = await readBody(request);
    if (body === 'too large') {
      response.setHeader('connection', 'close');
      return send(response, gatewayAnswers.tooLarge(), isHead);
    }
    if (body === 'gone') return;
    const outcome = await withinLimit(match.route.target, eventOf(request, match, body, api));
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

function readBody(request: IncomingMessage): Promise<Buffer | undefined | 'too large' | 'gone'> {
  const declared = request.headers['content-length'];
  if (declared === '0' || (declared === undefined && request.headers['transfer-encoding'] === undefined)) {
    request.resume();
    return Promise.resolve(undefined);
  }
  if (Number(declared) > maximumRead) return Promise.resolve('too large');
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maximumBody) chunks.push(chunk);
      else if (size > maximumRead) resolve('too large');
    });
    request.on('end', () => {
      if (size > maximumBody) resolve('too large');
      else resolve(chunks.length === 1 ? chunks[0] : chunks.length === 0 ? undefined : Buffer.concat(chunks));
    });
    request.on('close', () => resolve('gone'));
    request.on('error', () => resolve('gone'));
  });
}
