import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Bus, Disorder, PutEventsFault } from './bus/bus.ts';
import type { FunctionRunner } from './functions/runner.ts';

/** Faults that the local services never have, for tests. */
export interface Faults {
  /** Entries for which `fault` gives an error code fail with it; undefined takes the fault away. */
  putEvents(fault: PutEventsFault | undefined): void;
  /** The next `times` calls of an operation by a function are answered with an error instead of being made. */
  calls(fault: CallFault): Promise<void>;
  /** Repeats or reorders what the bus delivers; undefined takes it away. */
  deliveries(disorder: Disorder | undefined): void;
  /** Ends the worker of a function in the middle of what it does. */
  kill(functionName: string): Promise<void>;
  close(): void;
}

export interface CallFault {
  /** Label or physical name. */
  function: string;
  /** `x-amz-target`, such as `DynamoDB_20120810.TransactWriteItems`. */
  target: string;
  times: number;
  status: number;
  /** As the service words it: `{ __type, message, ... }`. */
  body: { __type: string; [name: string]: unknown };
}

/** What DynamoDB says when two transactions meet on an item; DynamoDB Local never does. */
export function transactionConflict(items: number): Pick<CallFault, 'status' | 'body'> {
  const CancellationReasons = Array.from({ length: items }, (_, index) => ({
    Code: index === 0 ? 'TransactionConflict' : 'None',
  }));
  const reasons = CancellationReasons.map((reason) => reason.Code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons}]`;
  const __type = 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException';
  return { status: 400, body: { __type, Message: message, message, CancellationReasons } };
}

/** What DynamoDB says when a table is asked for more than it has. */
export function throttle(): Pick<CallFault, 'status' | 'body'> {
  const __type = 'com.amazonaws.dynamodb.v20120810#ThrottlingException';
  return { status: 400, body: { __type, message: 'Throughput exceeds the current capacity of your table' } };
}

export function makeFaults(bus: Bus, runnerOf: (name: string) => FunctionRunner): Faults {
  let server: Promise<Server> | undefined;
  return {
    putEvents: (fault) => bus.setFault(fault),
    async calls({ function: name, target, times, status, body }) {
      server ??= startAnswering();
      const { port } = (await server).address() as AddressInfo;
      const path = `/${status}/${Buffer.from(JSON.stringify(body)).toString('base64url')}`;
      runnerOf(name).arm({ target, times, port, path });
    },
    deliveries: (disorder) => bus.setDisorder(disorder),
    kill: (name) => runnerOf(name).kill(),
    close: () => void server?.then((running) => running.close()),
  };
}

/** Answers each call with what its path says: a faulty call is sent here instead of to its service. */
async function startAnswering(): Promise<Server> {
  const server = createServer((request, response) => {
    const [, status, body = ''] = (request.url ?? '').split('/');
    request.resume();
    request.on('end', () => {
      response.writeHead(Number(status), {
        'content-type': 'application/x-amz-json-1.0',
        connection: 'close',
      });
      response.end(Buffer.from(body, 'base64url'));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
