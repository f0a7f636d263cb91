import { gunzipSync, gzipSync } from 'node:zlib';
import { type DynamoDBClient, PutItemCommand, paginateQuery } from '@aws-sdk/client-dynamodb';
import { removeAll } from './bulk.ts';
import { indexText, type Key, STAGED, stagedPrefix } from './keys.ts';

/** The entries of a batch from before it is signed until it is out: whatever stops in between goes on from here. */
export interface LogStaged {
  put(batch: { first: number; root: Uint8Array }, entries: readonly string[]): Promise<void>;
  /** The bytes of the entries in their order; null where they are not all there. */
  read(batch: { first: number; root: Uint8Array }): Promise<string[] | null>;
  /** Forgets batches that begin before a size, whether they came into the log or another did. */
  clear(size: number): Promise<void>;
}

/** An item of DynamoDB has at most 400 KB. */
const PART_BYTES = 380_000;

export function logStaged(client: DynamoDBClient, table: string): LogStaged {
  const prefixOf = ({ first, root }: { first: number; root: Uint8Array }) =>
    stagedPrefix(first, Buffer.from(root).toString('hex'));
  return {
    async put(batch, entries) {
      // RFC 8785 escapes every line break.
      const packed = gzipSync(entries.join('\n'), { level: 1 });
      const parts = Math.ceil(packed.length / PART_BYTES);
      for (let part = 0; part < parts; part++)
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: {
              pk: { S: STAGED },
              sk: { S: `${prefixOf(batch)}${String(part).padStart(3, '0')}` },
              parts: { N: String(parts) },
              bytes: { B: packed.subarray(part * PART_BYTES, (part + 1) * PART_BYTES) },
            },
          }),
        );
    },
    async read(batch) {
      const parts: Uint8Array[] = [];
      let expected = 0;
      const pages = paginateQuery(
        { client },
        {
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :staged AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':staged': { S: STAGED }, ':prefix': { S: prefixOf(batch) } },
        },
      );
      for await (const { Items = [] } of pages)
        for (const item of Items) {
          parts.push(item['bytes']?.B ?? new Uint8Array());
          expected = Number(item['parts']?.N);
        }
      if (parts.length === 0 || parts.length !== expected) return null;
      return gunzipSync(Buffer.concat(parts)).toString().split('\n');
    },
    async clear(size) {
      const keys: Key[] = [];
      const pages = paginateQuery(
        { client },
        {
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :staged AND sk < :size',
          ExpressionAttributeValues: { ':staged': { S: STAGED }, ':size': { S: indexText(size) } },
          ProjectionExpression: 'sk',
        },
      );
      for await (const { Items = [] } of pages)
        keys.push(...Items.map((item) => ({ pk: STAGED, sk: item['sk']?.S ?? '' })));
      await removeAll(client, table, keys);
    },
  };
}
