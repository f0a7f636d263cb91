import { createServer, type IncomingMessage, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happens to one call instead of its being answered. */
export type Fault =
  /** The transaction meets another one on its items, and is cancelled. */
  | 'conflict'
  | 'throttle'
  /** It is carried out, and the answer is lost on the way. */
  | 'lost-answer'
  /** It never arrives. */
  | 'lost-call';

export interface FaultyDynamoDb {
  endpoint: string;
  /** Chooses the fault of each call by its operation, like `TransactWriteItems`; undefined lets it through. */
  fault: ((operation: string) => Fault | undefined) | undefined;
  /** How often each fault was played. */
  played: Record<Fault, number>;
  stop(): Promise<void>;
}

/** Stands in front of a DynamoDB Local, which knows neither conflicts nor throttles, and plays them to the real SDK. */
export async function startFaultyDynamoDb(endpoint: string): Promise<FaultyDynamoDb> {
  const { hostname, port } = new URL(endpoint);
  const server = createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const body = await read(request);
    const fault = faulty.fault?.(operation);
    if (fault) faulty.played[fault]++;
    if (fault === 'conflict' || fault === 'throttle') {
      const answer = JSON.stringify(fault === 'conflict' ? conflict(body) : THROTTLE);
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(answer);
      return;
    }
    if (fault === 'lost-call') {
      request.socket.destroy();
      return;
    }
    const headers = { ...request.headers, host: `${hostname}:${port}` };
    send({ hostname, port, method: request.method, path: request.url, headers }, async (answer) => {
      const bytes = await read(answer);
      if (fault === 'lost-answer') request.socket.destroy();
      else response.writeHead(answer.statusCode ?? 500, answer.headers).end(bytes);
    }).end(body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const faulty: FaultyDynamoDb = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fault: undefined,
    played: { conflict: 0, throttle: 0, 'lost-answer': 0, 'lost-call': 0 },
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
  return faulty;
}

const ERRORS = 'com.amazonaws.dynamodb.v20120810#';

const THROTTLE = {
  __type: `${ERRORS}ProvisionedThroughputExceededException`,
  message: 'The level of configured provisioned throughput for the table was exceeded.',
};

/** As DynamoDB words it: one reason an item, in the order of the items. */
function conflict(body: Buffer): object {
  const { TransactItems = [] } = JSON.parse(body.toString()) as { TransactItems?: unknown[] };
  const reasons = TransactItems.map((_, index) =>
    index === 0
      ? { Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' }
      : { Code: 'None' },
  );
  return {
    __type: `${ERRORS}TransactionCanceledException`,
    message:
      'Transaction cancelled, please refer cancellation reasons for specific reasons [TransactionConflict]',
    CancellationReasons: reasons,
  };
}

async function read(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
