import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item, ItemWrite } from './item-writes.ts';

/** Stands in front of DynamoDB Local and remembers what each writing call changed. */
export interface WriteRecorder {
  url: string;
  /** What was written since the last call. */
  take(): RecordedWrite[];
  stop(): Promise<void>;
}

export interface RecordedWrite extends ItemWrite {
  table: string;
}

interface Place {
  table: string;
  key: Wire;
}

type Wire = Record<string, WireValue>;
type WireValue = { [type: string]: unknown };

/**
 * Passes every call on; of a call that writes, the items at its places are read before and after, so that updates and deletions are
 * seen as the items they leave. Nothing here is fit for more than one writer at a time.
 */
export async function startWriteRecorder(target: string): Promise<WriteRecorder> {
  let writes: RecordedWrite[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const body = await readAll(incoming);
    const operation = String(incoming.headers['x-amz-target'] ?? '').split('.')[1] ?? '';
    const places = placesOf(operation, body);
    const before = await Promise.all(places.map((place) => get(target, place)));
    const answer = await forward(target, incoming, body);
    if (places.length > 0 && answer.status === 200) {
      const after = await Promise.all(places.map((place) => get(target, place)));
      const transactional = operation === 'TransactWriteItems';
      writes.push(
        ...places.map(({ table }, index) => ({
          table,
          before: before[index] ?? null,
          after: after[index] ?? null,
          transactional,
        })),
      );
    }
    outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = writes;
      writes = [];
      return taken;
    },
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
}

interface WriteRequest {
  TableName?: string;
  Item?: Wire;
  Key?: Wire;
  TransactItems?: Record<string, WriteRequest>[];
  RequestItems?: Record<string, { PutRequest?: WriteRequest; DeleteRequest?: WriteRequest }[]>;
}

/** Every place a call writes, a checked one too: a check in a transaction costs what a write of the item would. */
function placesOf(operation: string, body: Buffer): Place[] {
  if (!/^(TransactWriteItems|PutItem|UpdateItem|DeleteItem|BatchWriteItem)$/.test(operation)) return [];
  const call = JSON.parse(body.toString('utf8')) as WriteRequest;
  const at = (table: string | undefined, write: WriteRequest): Place => {
    const { pk, sk } = (write.Key ?? write.Item ?? {}) as Wire;
    if (!table || !pk || !sk) throw new TypeError(`a ${operation} without its place`);
    return { table, key: { pk, sk } };
  };
  if (call.TransactItems)
    return call.TransactItems.flatMap((item) =>
      Object.values(item).map((write) => at(write.TableName, write)),
    );
  if (call.RequestItems)
    return Object.entries(call.RequestItems).flatMap(([table, requests]) =>
      requests.map(({ PutRequest, DeleteRequest }) => at(table, PutRequest ?? DeleteRequest ?? {})),
    );
  return [at(call.TableName, call)];
}

async function get(url: string, { table, key }: Place): Promise<Item | null> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.GetItem',
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify({ TableName: table, Key: key, ConsistentRead: true }),
  });
  const { Item: found } = (await answer.json()) as { Item?: Wire };
  return found ? readItem(found) : null;
}

const readItem = (wire: Wire): Item =>
  Object.fromEntries(Object.entries(wire).map(([name, value]) => [name, readValue(value)]));

/** The wire has binaries in base64, where the SDK has bytes. */
function readValue(value: WireValue): AttributeValue {
  if (typeof value['B'] === 'string') return { B: Buffer.from(value['B'], 'base64') };
  if (Array.isArray(value['L'])) return { L: value['L'].map(readValue) };
  if (value['M'] !== undefined) return { M: readItem(value['M'] as Wire) };
  return value as unknown as AttributeValue;
}

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

function forward(url: string, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method, headers } = incoming;
    const outgoing = request(url, { method: method ?? 'POST', headers }, async (answer) => {
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: await readAll(answer) });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
