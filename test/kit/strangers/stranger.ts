import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  paginateQuery,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { inParallel } from '../../../shared/runtime/parallel.ts';
import { TABLES, type TableName } from '../../../shared/store/keys.ts';
import type { InProcess } from '../in-process.ts';

export type Item = Record<string, AttributeValue>;

/** Somebody with write access to the stores of a running system, behind its back: tables, and objects behind their locks. */
export interface Stranger {
  /** Their physical names. */
  tables: Record<TableName, string>;
  item(table: TableName, pk: string, sk: string): Promise<Item | undefined>;
  /** All items of a partition whose sort key begins so, in order. */
  items(table: TableName, pk: string, prefix?: string): Promise<Item[]>;
  /** Every item of a table. */
  everything(table: TableName): Promise<Item[]>;
  put(table: TableName, item: Item): Promise<void>;
  remove(table: TableName, pk: string, sk: string): Promise<void>;
  /** The log's bucket. */
  bucket: string;
  /** Paths in it. */
  paths(prefix?: string): Promise<string[]>;
  object(path: string): Promise<Buffer | undefined>;
  putObject(path: string, bytes: Uint8Array | string): Promise<void>;
  removeObject(path: string): Promise<void>;
  /** Puts everything back as it was before the first change since the last time. */
  undo(): Promise<void>;
  /** Lets what was changed stand: it is no longer undone. */
  keep(): void;
  stop(): void;
}

const SDK = { region: 'eu-west-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

export async function strangerIn({ system }: Pick<InProcess, 'system'>): Promise<Stranger> {
  const dynamodb = new DynamoDBClient({ ...SDK, endpoint: system.endpoints.dynamodb });
  const s3 = new S3Client({ ...SDK, endpoint: system.endpoints.s3, forcePathStyle: true });
  const { TableNames = [] } = await dynamodb.send(new ListTablesCommand({}));
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const tableOf = (name: TableName): string => {
    const found = TableNames.find((table) => table.toLowerCase().includes(`-${name}table`));
    if (!found) throw new Error(`no table ${name}`);
    return found;
  };
  const tables = Object.fromEntries(
    Object.keys(TABLES).map((name) => [name, tableOf(name as TableName)]),
  ) as Record<TableName, string>;
  const Bucket = Buckets.find(({ Name = '' }) => Name.includes('-log'))?.Name;
  if (!Bucket) throw new Error('no bucket of the log');
  const kept = new Map<string, () => Promise<unknown>>();

  /** Remembers how something was before it was touched for the first time. */
  async function remember(name: string, look: () => Promise<() => Promise<unknown>>): Promise<void> {
    if (!kept.has(name)) kept.set(name, await look());
  }

  const keyOf = (pk: string, sk: string) => ({ pk: { S: pk }, sk: { S: sk } });
  const read = async (table: TableName, pk: string, sk: string) =>
    (
      await dynamodb.send(
        new GetItemCommand({ TableName: tables[table], ConsistentRead: true, Key: keyOf(pk, sk) }),
      )
    ).Item;
  const write = (table: TableName, Item: Item) =>
    dynamodb.send(new PutItemCommand({ TableName: tables[table], Item }));
  const erase = (table: TableName, pk: string, sk: string) =>
    dynamodb.send(new DeleteItemCommand({ TableName: tables[table], Key: keyOf(pk, sk) }));
  const rememberItem = (table: TableName, pk: string, sk: string) =>
    remember(`${table} ${pk} ${sk}`, async () => {
      const before = await read(table, pk, sk);
      return () => (before ? write(table, before) : erase(table, pk, sk));
    });

  const object = async (Key: string): Promise<Buffer | undefined> => {
    try {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    } catch (error) {
      if ((error as { name?: string }).name === 'NoSuchKey') return undefined;
      throw error;
    }
  };
  const writeObject = (Key: string, Body: Uint8Array | string) =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  const eraseObject = (Key: string) => s3.send(new DeleteObjectCommand({ Bucket, Key }));
  const rememberObject = (path: string) =>
    remember(path, async () => {
      const before = await object(path);
      return () => (before ? writeObject(path, before) : eraseObject(path));
    });

  const collect = async (pages: AsyncIterable<{ Items?: Item[] | undefined }>): Promise<Item[]> => {
    const found: Item[] = [];
    for await (const { Items = [] } of pages) found.push(...Items);
    return found;
  };

  return {
    tables,
    item: read,
    items: (table, pk, prefix = '') =>
      collect(
        paginateQuery(
          { client: dynamodb },
          {
            TableName: tables[table],
            ConsistentRead: true,
            KeyConditionExpression: prefix === '' ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :sk)',
            ExpressionAttributeValues: { ':pk': { S: pk }, ...(prefix !== '' && { ':sk': { S: prefix } }) },
          },
        ),
      ),
    everything: (table) =>
      collect(paginateScan({ client: dynamodb }, { TableName: tables[table], ConsistentRead: true })),
    async put(table, item) {
      await rememberItem(table, item['pk']?.S ?? '', item['sk']?.S ?? '');
      await write(table, item);
    },
    async remove(table, pk, sk) {
      await rememberItem(table, pk, sk);
      await erase(table, pk, sk);
    },
    bucket: Bucket,
    async paths(Prefix = '') {
      const found: string[] = [];
      for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix }))
        found.push(...Contents.flatMap(({ Key }) => Key ?? []));
      return found;
    },
    object,
    async putObject(path, bytes) {
      await rememberObject(path);
      await writeObject(path, bytes);
    },
    async removeObject(path) {
      await rememberObject(path);
      await eraseObject(path);
    },
    async undo() {
      await inParallel([...kept.values()], 25, (restore) => restore());
      kept.clear();
    },
    keep: () => kept.clear(),
    stop() {
      dynamodb.destroy();
      s3.destroy();
    },
  };
}
