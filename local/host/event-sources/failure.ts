import { randomUUID } from 'node:crypto';
import type { Queue } from '../provision/queues.ts';
import type { Services } from '../services.ts';
import type { Surrender } from './batch.ts';
import type { Mapping } from './mapping.ts';

export interface FailureOptions {
  services: Services;
  queueOf(arn: string): Queue | undefined;
}

/**
 * Sends what was given up to the mapping's failure destination: a bucket gets the whole payload, a queue
 * only what describes it. Source: "Retaining discarded batches" for DynamoDB in the Lambda guide.
 */
export async function keepFailure(
  mapping: Mapping,
  shardId: string,
  given: Surrender,
  { services, queueOf }: FailureOptions,
): Promise<void> {
  const arn = mapping.onFailureArn;
  if (arn === undefined) return;
  const now = new Date();
  const record = invocationRecord(mapping, shardId, given, now);
  if (arn.startsWith('arn:aws:s3:::')) {
    const payload = JSON.stringify({ Records: given.records });
    const key = objectKey(mapping.id, shardId, now);
    const status = await services.s3(
      'PUT',
      `/${arn.slice('arn:aws:s3:::'.length)}/${key}`,
      JSON.stringify({ ...record, payload }),
    );
    if (status >= 300) throw new Error(`the failure destination ${arn} answered ${status}`);
    return;
  }
  const queue = queueOf(arn);
  if (!queue) throw new Error(`no failure destination ${arn}`);
  await services.sqs('SendMessage', { QueueUrl: queue.url, MessageBody: JSON.stringify(record) });
}

function invocationRecord(mapping: Mapping, shardId: string, given: Surrender, now: Date) {
  const first = given.records[0];
  const last = given.records.at(-1);
  const arrival = (record: typeof first) =>
    new Date((record?.dynamodb.ApproximateCreationDateTime ?? 0) * 1000).toISOString();
  return {
    requestContext: {
      requestId: given.outcome?.requestId ?? randomUUID(),
      functionArn: mapping.runner.definition.arn,
      condition: given.reason,
      approximateInvokeCount: given.attempts,
    },
    ...(given.outcome && {
      responseContext: {
        statusCode: 200,
        executedVersion: '$LATEST',
        functionError: given.outcome.ok ? null : 'Unhandled',
      },
    }),
    version: '1.0',
    timestamp: now.toISOString(),
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: first?.dynamodb.SequenceNumber,
      endSequenceNumber: last?.dynamodb.SequenceNumber,
      approximateArrivalOfFirstRecord: arrival(first),
      approximateArrivalOfLastRecord: arrival(last),
      batchSize: given.records.length,
      streamArn: mapping.sourceArn,
    },
  };
}

/** `aws/lambda/<mapping>/<shard>/2026/11/24/2026-11-24T11.33.56-<random>`. */
function objectKey(mappingId: string, shardId: string, now: Date): string {
  const time = now.toISOString().slice(0, 19);
  const day = time.slice(0, 10).replaceAll('-', '/');
  return `aws/lambda/${mappingId}/${shardId}/${day}/${time.replaceAll(':', '.')}-${randomUUID()}`;
}
