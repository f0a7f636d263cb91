import { Duration } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  Stats,
  TreatMissingData,
  Unit,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { EventSourceMapping, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, type LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Deployment } from './surroundings.ts';

interface Ring {
  metric: IMetric;
  /** Rings above this. Without it, rings when there is nothing at all. */
  above?: number;
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

/** Rings for invocations that end in an error, and for those that Lambda refuses for want of concurrency. A `rare` one has one try. */
export function alarmOnFunction(
  lambda: LambdaFunction,
  deployment: Deployment,
  { rare }: { rare: boolean },
): void {
  const name = lambda.node.path;
  ring(lambda, 'Errors', deployment, {
    metric: lambda.metricErrors(EACH_MINUTE),
    above: 0,
    periods: rare ? 1 : 3,
    meaning: rare
      ? `${name} has failed, and its next turn is far away: its log says why. Invoke it by hand when that is mended.`
      : `${name} has failed for three minutes: its log says why. Requests got a 5xx; batches come again.`,
  });
  ring(lambda, 'Throttles', deployment, {
    metric: lambda.metricThrottles(EACH_MINUTE),
    above: 0,
    periods: 5,
    meaning: `${name} has been throttled for five minutes: the concurrency of the account, or its own, is used up.`,
  });
}

const SHORTEST_SILENCE_MINUTES = 5;

/** Rings when nobody calls a function that a clock should call: two turns, or two times five minutes. */
export function alarmOnSilence(lambda: LambdaFunction, everyMinutes: number, deployment: Deployment): void {
  const period = Duration.minutes(Math.max(everyMinutes, SHORTEST_SILENCE_MINUTES));
  ring(lambda, 'Stopped', deployment, {
    metric: lambda.metricInvocations({ period, statistic: Stats.SUM }),
    periods: 2,
    meaning: `${lambda.node.path} has not run for ${period.toMinutes() * 2} minutes: somebody stopped its schedule, or the function itself.`,
  });
}

/** Rings when a function's own address answers with server errors. */
export function alarmOnAddress(lambda: LambdaFunction, deployment: Deployment): void {
  ring(lambda, 'ServerErrors', deployment, {
    metric: lambda.metric('Url5xxCount', EACH_MINUTE),
    above: 0,
    periods: 3,
    meaning: `${lambda.node.path} has answered 5xx at its address for three minutes: its log says why.`,
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
    // The message that functions/outbox writes, one line for each entry that was not taken.
    metric: countLines([relay], 'FailedPutEventsEntries', 'put failed'),
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

/** Rings when records are missing, doubled or changed, or the log is not as it was left: nothing but a hand in the stores does that. */
export function alarmOnTrail(scope: Construct, functions: readonly Logging[], deployment: Deployment): void {
  ring(scope, 'IntegrityFinding', deployment, {
    // The message that functions/audit writes, one line for each thing that does not fit.
    metric: countLines(functions, 'IntegrityFindings', 'integrity finding'),
    above: 0,
    meaning:
      'What stands in the tables or in the log is not what the trail knows: ask the trail for the action integrity-finding, and find out who could write there. Where the log itself is named, nothing is signed until somebody has looked.',
  });
}

/** Rings when an entry waits outside the log, where it could still be changed unseen. */
export function alarmOnWaiting(
  sequencer: Logging & { lambda: LambdaFunction },
  deployment: Deployment,
): void {
  const { mergeDelay } = deployment.config;
  ring(sequencer.lambda, 'Waiting', deployment, {
    metric: sequencer.logGroup
      .addMetricFilter('OldestWaiting', {
        metricNamespace: 'Followthrough',
        metricName: 'OldestWaiting',
        // The message that functions/audit writes when a turn leaves something over.
        filterPattern: FilterPattern.stringValue('$.message', '=', 'entries wait'),
        metricValue: '$.oldestMs',
        unit: Unit.MILLISECONDS,
      })
      .metric({ period: MINUTE, statistic: Stats.MAXIMUM }),
    above: mergeDelay.toMilliseconds(),
    periods: 3,
    meaning: `For three minutes an entry of the trail has waited more than ${mergeDelay.toHumanString()} for its place in the log: the sequencer's log says what it refuses, holds back or cannot keep up with.`,
  });
}

/** Rings when the log's checkpoints stay without the signature of a witness. One that is away for a moment signs the next one. */
export function alarmOnWitnesses(
  sequencer: Logging & { lambda: LambdaFunction },
  deployment: Deployment,
): void {
  ring(sequencer.lambda, 'Unwitnessed', deployment, {
    // The message that functions/audit writes, one line for each witness that did not sign.
    metric: countLines([sequencer], 'MissingCosignatures', 'a witness did not cosign').with({
      period: Duration.hours(1),
    }),
    above: 2,
    meaning:
      'A witness has refused or not answered for three checkpoints within an hour: the line in the log says which and why. "beyond" means that the log is shorter than what was cosigned: treat it as an integrity finding.',
  });
}

/** Rings when a log has signed two histories. */
export function alarmOnWitness(witness: Logging & { lambda: LambdaFunction }, deployment: Deployment): void {
  ring(witness.lambda, 'Inconsistent', deployment, {
    // The message that functions/witness writes, with the checkpoint that the log has signed.
    metric: countLines([witness], 'InconsistentCheckpoints', 'inconsistent checkpoint'),
    above: 0,
    meaning:
      'A log has signed a checkpoint that does not follow from the one that this witness cosigned last. The line in the log of the function is the proof: keep it, and tell the auditors before the operator.',
  });
}

interface Logging {
  logGroup: LogGroup;
}

/** Counts the lines of functions that have a message, all in one metric. */
function countLines(functions: readonly Logging[], metricName: string, message: string): Metric {
  const metricNamespace = 'Followthrough';
  for (const { logGroup } of functions)
    logGroup.addMetricFilter(metricName, {
      metricNamespace,
      metricName,
      metricValue: '1',
      filterPattern: FilterPattern.stringValue('$.message', '=', message),
    });
  return new Metric({ namespace: metricNamespace, metricName, ...EACH_MINUTE });
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

const TOO_MUCH = {
  comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
  treatMissingData: TreatMissingData.NOT_BREACHING,
};
const NOTHING_AT_ALL = {
  threshold: 1,
  comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
  treatMissingData: TreatMissingData.BREACHING,
};

function ring(
  scope: Construct,
  id: string,
  { alarms }: Deployment,
  { metric, above, periods = 1, meaning }: Ring,
): void {
  new Alarm(scope, id, {
    metric,
    ...(above === undefined ? NOTHING_AT_ALL : { ...TOO_MUCH, threshold: above }),
    evaluationPeriods: periods,
    alarmDescription: meaning,
  }).addAlarmAction(new SnsAction(alarms));
}
