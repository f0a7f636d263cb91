import { Duration } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { EventSourceMapping, FilterCriteria, MetricType, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { type QueueWiring, STREAM } from '../../functions/wiring.ts';
import type { WiredFunction } from './function.ts';

type Polling = Pick<QueueWiring, 'batch' | 'windowSeconds'> & { maximumConcurrency?: number };

/** Lets a function work off a queue. */
export function poll({ lambda }: WiredFunction, queue: Queue, wiring: Polling): EventSourceMapping {
  return new EventSourceMapping(lambda, 'Queue', {
    target: lambda,
    eventSourceArn: queue.queueArn,
    batchSize: wiring.batch,
    maxBatchingWindow: Duration.seconds(wiring.windowSeconds),
    reportBatchItemFailures: true,
    ...(wiring.maximumConcurrency && { maxConcurrency: wiring.maximumConcurrency }),
  });
}

/** Lets the relay follow the stream: in order per shard, halving what fails, giving up to the bucket in the end. */
export function follow({ lambda }: WiredFunction, table: TableV2, failures: Bucket): EventSourceMapping {
  return new EventSourceMapping(lambda, 'Stream', {
    target: lambda,
    eventSourceArn: String(table.tableStreamArn),
    startingPosition: StartingPosition.TRIM_HORIZON,
    batchSize: STREAM.batch,
    filters: [FilterCriteria.filter(STREAM.pattern)],
    reportBatchItemFailures: true,
    bisectBatchOnError: true,
    retryAttempts: STREAM.retries,
    maxRecordAge: Duration.hours(STREAM.maximumRecordAgeHours),
    // Only S3 keeps the payload. The grants name the bucket; CDK's own destination would grant reading and deleting too.
    onFailure: { bind: () => ({ destination: failures.bucketArn }) },
    supportS3OnFailureDestination: true,
    metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
  });
}
