import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AttributeValue, GetItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { clientOf } from './tables.ts';

/**
 * The floor of an update: parses the body, reads the state and performs the very transaction of the system (the same items, sizes and
 * conditions, bytes that are hashed), and does nothing else: no token, no validation, no rules, no representation. One thread.
 * A process of its own: it says its port to its parent, and its CPU time when asked.
 */
const [endpoint = '', table = ''] = process.argv.slice(2);
const client = clientOf(endpoint);
const ACTOR = { id: 'per_00000000000000000000000000', role: 'coordinator' };
const ROUTE = 'POST /v1/commitments/{id}/updates';
const KEEP_SECONDS = 30 * 86_400;

const sha256 = (text: string) => createHash('sha256').update(text);

async function update(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { narrative } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { narrative: string };
  const path = request.url ?? '';
  const id = path.split('/')[3] ?? '';
  const key = String(request.headers['idempotency-key']);

  const { Item: head } = await client.send(
    new GetItemCommand({
      TableName: table,
      ConsistentRead: true,
      Key: { pk: { S: id }, sk: { S: 'S#head' } },
    }),
  );
  const version = Number(head?.['version']?.N);
  if (!head || request.headers['if-match'] !== `"v${version}"`) {
    response.writeHead(412).end();
    return;
  }

  const time = new Date().toISOString();
  const sequence = version + 1;
  const command = `cmd_${randomBytes(13).toString('hex')}`;
  const salt = randomBytes(16);
  const textHash = createHash('sha256').update(salt).update(narrative).digest('hex');
  // In the order of RFC 8785.
  const bytes = JSON.stringify({
    action: 'report-progress',
    actor: ACTOR,
    command,
    correlation: crypto.randomUUID(),
    data: { narrative: { sha256: textHash } },
    previousHash: Buffer.from(head['hash']?.B ?? []).toString('hex'),
    sequence,
    stream: id,
    time,
    type: 'followthrough.commitment.progress_reported',
    v: 1,
  });
  const hash = sha256(bytes).digest();
  const before = JSON.parse(head['doc']?.S ?? '{}') as { reporters?: string[] };
  const reporters = [...new Set([...(before.reporters ?? []), ACTOR.id])];
  const doc = { ...before, narrative, reporters, reportedAt: time, updatedAt: time, version: sequence };
  const digest = sha256(JSON.stringify([ACTOR.id, ROUTE, key])).digest('base64url');
  const payload = sha256(JSON.stringify([path, { narrative }])).digest('base64url');

  await client.send(
    new TransactWriteItemsCommand({
      TransactItems: [
        put(
          {
            pk: { S: `I#${digest}` },
            sk: { S: 'I' },
            payload: { S: payload },
            ref: { S: JSON.stringify([command, id, sequence, sequence]) },
            expiresAt: { N: String(Math.floor(Date.parse(time) / 1000) + KEEP_SECONDS) },
          },
          'attribute_not_exists(pk)',
        ),
        put(
          {
            ...head,
            doc: { S: JSON.stringify(doc) },
            version: { N: String(sequence) },
            hash: { B: hash },
          },
          'version = :expected',
          { ':expected': { N: String(version) } },
        ),
        put(
          {
            pk: { S: id },
            sk: { S: `E#${String(sequence).padStart(10, '0')}` },
            bytes: { S: bytes },
            hash: { B: hash },
            texts: { S: JSON.stringify({ narrative: [narrative, salt.toString('base64url')] }) },
          },
          'attribute_not_exists(pk)',
        ),
      ],
    }),
  );
  const answer = JSON.stringify({ commitment: { id, ...doc }, events: [{ sequence, bytes }] });
  response.writeHead(201, { 'content-type': 'application/json', etag: `"v${sequence}"` }).end(answer);
}

type Item = Record<string, AttributeValue>;

const put = (item: Item, condition: string, values?: Item) => ({
  Put: {
    TableName: table,
    Item: item,
    ConditionExpression: condition,
    ...(values && { ExpressionAttributeValues: values }),
  },
});

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  update(request, response).catch((error: Error) => response.writeHead(500).end(error.stack));
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('message', () => process.send?.({ cpu: process.cpuUsage() }));
process.on('disconnect', () => process.exit());
