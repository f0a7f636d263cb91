import { type Json, ServiceError, type Services } from '../services.ts';
import type { StreamRecord } from './batch.ts';

export interface Shard {
  id: string;
  parentId?: string;
}

export interface Page {
  records: StreamRecord[];
  /** Undefined at the end of a closed shard. */
  next: string | undefined;
}

/** A DynamoDB stream as its readers need it. */
export interface Stream {
  shards(): Promise<Shard[]>;
  /** An iterator behind a sequence number, or at the oldest record that is left. */
  iterator(shardId: string, after: string | undefined): Promise<string>;
  /** Up to 1000 records. Throws `ServiceError` with `ExpiredIteratorException` when the iterator is too old. */
  read(iterator: string): Promise<Page>;
}

/** `arn` is the stream as DynamoDB Local names it, `publicArn` as the template does. */
export function openStream(services: Services, arn: string, publicArn: string, region: string): Stream {
  return {
    async shards() {
      const found: Shard[] = [];
      let from: string | undefined;
      do {
        const request = { StreamArn: arn, ...(from !== undefined && { ExclusiveStartShardId: from }) };
        const answer = await services.streams('DescribeStream', request);
        const description = answer['StreamDescription'] as Json;
        for (const shard of (description['Shards'] ?? []) as Json[]) {
          const parent = shard['ParentShardId'];
          found.push({
            id: String(shard['ShardId']),
            ...(typeof parent === 'string' && { parentId: parent }),
          });
        }
        from = description['LastEvaluatedShardId'] as string | undefined;
      } while (from !== undefined);
      return found;
    },
    async iterator(ShardId, after) {
      const request = { StreamArn: arn, ShardId };
      if (after !== undefined) {
        try {
          const behind = { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: after };
          return String(
            (await services.streams('GetShardIterator', { ...request, ...behind }))['ShardIterator'],
          );
        } catch (error) {
          // Older than the 24 hours a stream keeps: begin at what is left.
          if (!(error instanceof ServiceError) || error.code !== 'TrimmedDataAccessException') throw error;
        }
      }
      const oldest = { ...request, ShardIteratorType: 'TRIM_HORIZON' };
      return String((await services.streams('GetShardIterator', oldest))['ShardIterator']);
    },
    async read(ShardIterator) {
      const answer = await services.streams('GetRecords', { ShardIterator, Limit: 1000 });
      const records = (answer['Records'] ?? []) as StreamRecord[];
      for (const record of records) {
        record['eventSourceARN'] = publicArn;
        record['awsRegion'] = region;
      }
      return { records, next: answer['NextShardIterator'] as string | undefined };
    },
  };
}
