import type { IncomingMessage, ServerResponse } from 'node:http';
import { gatewayAnswers, send } from './answer.ts';

type Listener<T> = (request: IncomingMessage, response: ServerResponse) => T;

/**
 * One server in front of the function URLs and the API. While the host stops, functions that come to their end still reach each other:
 * a checkpoint that is just being signed is shown to its witness. Nobody else begins anything new.
 */
export const makeFront =
  (byUrl: Listener<boolean>, door: Listener<void>, isStopping: () => boolean): Listener<void> =>
  (request, response) => {
    if (byUrl(request, response)) return;
    if (!isStopping()) return door(request, response);
    request.resume();
    response.setHeader('connection', 'close');
    send(response, gatewayAnswers.stopping(), request.method === 'HEAD');
  };
