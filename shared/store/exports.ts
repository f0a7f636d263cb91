import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import type { ExportJob, ExportPart } from './export-job.ts';
import { type Claim, idempotencyItem, type Seen, seen } from './idempotency.ts';
import { exportKey, exportPartKey, exportsPk } from './keys.ts';
import { type Item, transact } from './transaction.ts';

export type Created = { outcome: 'created' } | { outcome: 'seen'; seen: Seen } | { outcome: 'raced' };

export interface Exports {
  seen(claim: Claim): Promise<Seen | null>;
  /**
   * A new job; `act` is put in the same transaction, in the table of commands. `raced`: another act of the same stream was faster, and
   * nothing was written.
   */
  create(job: ExportJob, claim: Claim, commandId: string, act: TransactWriteItem): Promise<Created>;
  one(owner: string, id: string): Promise<ExportJob | null>;
  /** Somebody's jobs, the newest first, after an id (null: from the first). */
  list(owner: string, limit: number, after: string | null): Promise<ExportJob[]>;
  /** Keeps a job and the parts that were sent meanwhile. Answers the job as it stands now, or null where someone else changed it. */
  keep(job: ExportJob, parts?: readonly ExportPart[]): Promise<ExportJob | null>;
  /** The parts of one object, in order. */
  parts(job: ExportJob, name: string): Promise<ExportPart[]>;
}

export function exports(client: DynamoDBClient, table: string): Exports {
  const get = async ({ pk, sk }: { pk: string; sk: string }) => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, ConsistentRead: true, Key: { pk: { S: pk }, sk: { S: sk } } }),
    );
    return Item;
  };
  return {
    async seen(claim) {
      const item = await get(claim.key);
      return item ? seen(item) : null;
    },
    async create(job, claim, commandId, act) {
      const answer = { commandId, stream: job.id, first: 1, last: 1 };
      const failed = await transact(client, [
        {
          Put: {
            TableName: table,
            Item: idempotencyItem(claim, answer, job.createdAt),
            ConditionExpression: 'attribute_not_exists(pk)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          },
        },
        { Put: { TableName: table, Item: itemOf(job), ConditionExpression: 'attribute_not_exists(pk)' } },
        act,
      ]);
      if (!failed) return { outcome: 'created' };
      if (failed.index !== 0) return { outcome: 'raced' };
      const other = seen(failed.item as Record<string, AttributeValue>);
      // The SDK retries a call whose answer was lost: then the record that stands in the way is our own.
      return other.commandId === commandId ? { outcome: 'created' } : { outcome: 'seen', seen: other };
    },
    async one(owner, id) {
      const item = await get(exportKey(owner, id));
      return item ? jobOf(item) : null;
    },
    async list(owner, limit, after) {
      const found: ExportJob[] = [];
      // A job with a large sample has 200 KB, and a query answers 1 MB.
      const pages = paginateQuery(
        { client, pageSize: limit },
        {
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :owner AND sk < :after',
          ExpressionAttributeValues: { ':owner': { S: exportsPk(owner) }, ':after': { S: after ?? '~' } },
          ScanIndexForward: false,
        },
      );
      for await (const { Items = [] } of pages) {
        found.push(...Items.map(jobOf));
        if (found.length >= limit) break;
      }
      return found.slice(0, limit);
    },
    async keep(job, parts = []) {
      const next = { ...job, version: job.version + 1 };
      const failed = await transact(client, [
        {
          Put: {
            TableName: table,
            Item: itemOf(next),
            ConditionExpression: 'version = :seen',
            ExpressionAttributeValues: { ':seen': { N: String(job.version) } },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          },
        },
        ...parts.map((part) => ({ Put: { TableName: table, Item: partItem(job, part) } })),
      ]);
      if (!failed) return next;
      // The SDK retries a call whose answer was lost: then what stands there is what was to be put.
      return (failed.item?.['doc'] as { S?: string } | undefined)?.S === JSON.stringify(next) ? next : null;
    },
    async parts(job, name) {
      const found: ExportPart[] = [];
      const pages = paginateQuery(
        { client },
        {
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :job AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: {
            ':job': { S: job.id },
            ':prefix': { S: exportPartKey(job.id, job.work.attempt, name).sk },
          },
        },
      );
      for await (const { Items = [] } of pages)
        found.push(...Items.map((item) => JSON.parse(item['doc']?.S ?? '') as ExportPart));
      return found;
    },
  };
}

const jobOf = (item: Record<string, AttributeValue>): ExportJob => JSON.parse(item['doc']?.S ?? '');

const itemOf = (job: ExportJob): Item => ({
  ...keyItem(exportKey(job.owner, job.id)),
  doc: { S: JSON.stringify(job) },
  version: { N: String(job.version) },
  expiresAt: expiry(job),
});

const partItem = (job: ExportJob, part: ExportPart): Item => ({
  ...keyItem(exportPartKey(job.id, job.work.attempt, job.work.open?.name ?? '', part.n)),
  doc: { S: JSON.stringify(part) },
  expiresAt: expiry(job),
});

const keyItem = ({ pk, sk }: { pk: string; sk: string }) => ({ pk: { S: pk }, sk: { S: sk } });

const expiry = ({ expiresAt }: ExportJob) => ({ N: String(Math.floor(Date.parse(expiresAt) / 1000)) });
