import { Duration } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { EventSourceMapping, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, type LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Deployment } from './surroundings.ts';

interface Ring {
  metric: IMetric;
  /** Rings above this. */
  above: number;
  /** For so many periods of the metric in a row. Default: one. */
  periods?: number;
  /** What it means and what to do, in the words that the operator reads at night. */
  meaning: string;
}

const MINUTE = Duration.minutes(1);
const EACH_MINUTE = { period: MINUTE, statistic: Stats.SUM };

/** Rings for a dead-letter queue that holds anything. */
export function alarmOnMessages(queue: Queue, deployment: Deployment): void {
  ring(queue, 'HoldsMessages', deployment, {
    metric: queue.metricApproximateNumberOfMessagesVisible({ period: MINUTE, statistic: Stats.MAXIMUM }),
    above: 0,
    meaning: `${queue.node.path} holds messages that nobody works off: find the cause in the consumer's log, then redrive them.`,
  });
}

/** Rings for invocations that end in an error, and for those that Lambda refuses for want of concurrency. */
export function alarmOnFunction(lambda: LambdaFunction, deployment: Deployment): void {
  const name = lambda.node.path;
  ring(lambda, 'Errors', deployment, {
    metric: lambda.metricErrors(EACH_MINUTE),
    above: 0,
    periods: 3,
    meaning: `${name} has failed for three minutes: its log says why. Requests got a 5xx; batches come again.`,
  });
  ring(lambda, 'Throttles', deployment, {
    metric: lambda.metricThrottles(EACH_MINUTE),
    above: 0,
    periods: 5,
    meaning: `${name} has been throttled for five minutes: the account's concurrency is used up.`,
  });
}

/** Rings when the relay falls behind, when the bus refuses an entry, and when a record was given up to the bucket, or could not even be. */
export function alarmOnRelay(
  relay: { lambda: LambdaFunction; logGroup: LogGroup },
  mapping: EventSourceMapping,
  deployment: Deployment,
): void {
  const { relayBehind } = deployment.config;
  ring(relay.lambda, 'Behind', deployment, {
    metric: relay.lambda.metric('IteratorAge', { period: MINUTE, statistic: Stats.MAXIMUM }),
    above: relayBehind.toMilliseconds(),
    periods: 3,
    meaning: `The relay is more than ${relayBehind.toHumanString()} behind: consumers see nothing newer. The stream keeps a record for 24 hours.`,
  });
  ring(relay.lambda, 'PutFailed', deployment, {
    metric: relay.logGroup
      .addMetricFilter('PutFailures', {
        metricNamespace: 'Followthrough',
        metricName: 'FailedPutEventsEntries',
        metricValue: '1',
        // The message that functions/outbox writes, one line for each entry that was not taken.
        filterPattern: FilterPattern.stringValue('$.message', '=', 'put failed'),
      })
      .metric(EACH_MINUTE),
    above: 0,
    periods: 3,
    meaning: 'The bus has refused entries for three minutes; they are tried again until they are too old.',
  });
  ring(relay.lambda, 'GaveUp', deployment, {
    metric: new Metric({
      namespace: 'AWS/Lambda',
      metricName: 'OnFailureDestinationDeliveredEventCount',
      dimensionsMap: { EventSourceMappingUUID: mapping.eventSourceMappingId },
      ...EACH_MINUTE,
    }),
    above: 0,
    meaning:
      'The relay gave up on records: they lie with their payload in the failure bucket and have to be sent again.',
  });
  ring(relay.lambda, 'Lost', deployment, {
    metric: relay.lambda.metric('DestinationDeliveryFailures', EACH_MINUTE),
    above: 0,
    meaning:
      'Records that the relay gave up on did not reach the failure bucket: the commands table still has them.',
  });
}

/** Rings when the trail finds that records are missing, doubled or changed: nothing but a hand in the tables does that. */
export function alarmOnTrail(
  recorder: { lambda: LambdaFunction; logGroup: LogGroup },
  deployment: Deployment,
): void {
  ring(recorder.lambda, 'IntegrityFinding', deployment, {
    metric: recorder.logGroup
      .addMetricFilter('IntegrityFindings', {
        metricNamespace: 'Followthrough',
        metricName: 'IntegrityFindings',
        metricValue: '1',
        // The message that functions/audit writes, one line for each thing that does not fit.
        filterPattern: FilterPattern.stringValue('$.message', '=', 'integrity finding'),
      })
      .metric(EACH_MINUTE),
    above: 0,
    meaning:
      'The records of a stream are not those that the trail knows: ask the trail for the action integrity-finding, and find out who could write to the commands table.',
  });
}

/** Rings when the API answers with server errors. */
export function alarmOnApi(api: HttpApi, deployment: Deployment): void {
  ring(api, 'ServerErrors', deployment, {
    metric: api.metricServerError(EACH_MINUTE),
    above: 0,
    periods: 3,
    meaning:
      'The API has answered 5xx for three minutes: look for the request id in the log of its function.',
  });
}

function ring(
  scope: Construct,
  id: string,
  { alarms }: Deployment,
  { metric, above, periods = 1, meaning }: Ring,
): void {
  new Alarm(scope, id, {
    metric,
    threshold: above,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: periods,
    treatMissingData: TreatMissingData.NOT_BREACHING,
    alarmDescription: meaning,
  }).addAlarmAction(new SnsAction(alarms));
}
