import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FINDING } from '../../functions/audit/record/record-finding.ts';
import { WAITING } from '../../functions/audit/sequence/sequence-all.ts';
import { PUT_FAILED } from '../../functions/outbox/put-in-order.ts';
import {
  FUNCTIONS,
  type FunctionName,
  type FunctionWiring,
  SCHEDULES,
  STREAM,
} from '../../functions/wiring.ts';
import { INCONSISTENT } from '../../functions/witness/add-checkpoint.ts';
import type { Json } from '../../local/host/services.ts';
import type { Resource } from '../../local/host/template/assembly.ts';
import { all, at, cloud, functionOf, objects, only, propertiesOf, texts } from '../kit/template.ts';

const topics = all('AWS::SNS::Topic');
/** The witness has a topic of its own; it may be in another account. */
const topicFor = ({ stack }: Resource): Resource => {
  const held = stack === 'FollowthroughWitness' ? stack : 'FollowthroughStateful';
  return only('AWS::SNS::Topic', (topic) => topic.stack === held);
};

/** The alarm on a metric with these dimensions. */
function alarmOn(MetricName: string, dimensions: Record<string, string>): Json {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const found = all('AWS::CloudWatch::Alarm')
    .map(propertiesOf)
    .filter((alarm) => alarm['MetricName'] === MetricName)
    .filter((alarm) => JSON.stringify(objects(alarm['Dimensions'])) === JSON.stringify(Dimensions));
  expect(found, `${MetricName} of ${JSON.stringify(dimensions)}`).toHaveLength(1);
  return found[0] ?? {};
}

const atOnce = { Threshold: 0, ComparisonOperator: 'GreaterThanThreshold', EvaluationPeriods: 1, Period: 60 };

describe('alarms', () => {
  it('reach the topic, each saying what it means', () => {
    for (const alarm of all('AWS::CloudWatch::Alarm')) {
      const topic = topicFor(alarm);
      expect(cloud.property(alarm, 'AlarmActions'), alarm.label).toEqual([
        cloud.resolve({ Ref: topic.logicalId }, topic, 'Ref'),
      ]);
      expect(String(cloud.property(alarm, 'AlarmDescription')).length).toBeGreaterThan(40);
    }
  });

  it.each(topics.map(({ stack }) => stack))('may write to the topic of %s, and use its key', (stack) => {
    const topic = only('AWS::SNS::Topic', (one) => one.stack === stack);
    const cloudWatch = { Service: 'cloudwatch.amazonaws.com' };
    const policy = cloud.property(
      only('AWS::SNS::TopicPolicy', (one) => one.stack === stack),
      'PolicyDocument',
    );
    const key = only('AWS::KMS::Key', (one) => cloud.arnOf(one) === cloud.property(topic, 'KmsMasterKeyId'));
    const allowed = (document: unknown): string[] =>
      objects(at(document as Json, 'Statement'))
        .filter(
          ({ Effect, Principal }) =>
            Effect === 'Allow' && JSON.stringify(Principal) === JSON.stringify(cloudWatch),
        )
        .flatMap(({ Action }) => texts(Action));
    expect(allowed(policy)).toEqual(['sns:Publish']);
    expect(allowed(cloud.property(key, 'KeyPolicy'))).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
  });

  it('ring as soon as a dead-letter queue holds a message', () => {
    const deadLetterQueues = all('AWS::SQS::Queue').filter(
      (queue) => cloud.property(queue, 'RedrivePolicy') === undefined,
    );
    expect(deadLetterQueues.length).toBeGreaterThan(0);
    for (const queue of deadLetterQueues)
      expect(alarmOn('ApproximateNumberOfMessagesVisible', { QueueName: cloud.nameOf(queue) })).toMatchObject(
        {
          ...atOnce,
          Namespace: 'AWS/SQS',
          Statistic: 'Maximum',
        },
      );
  });

  it.each(Object.keys(FUNCTIONS))('ring when %s fails or is throttled', (name) => {
    const FunctionName = cloud.nameOf(functionOf(name));
    for (const metric of ['Errors', 'Throttles'])
      expect(alarmOn(metric, { FunctionName })).toMatchObject({
        Namespace: 'AWS/Lambda',
        Statistic: 'Sum',
        Threshold: 0,
      });
  });

  it.each(Object.entries(SCHEDULES))('ring when %s has missed two turns', (name, { everyMinutes }) => {
    const { Period, ...alarm } = alarmOn('Invocations', { FunctionName: cloud.nameOf(functionOf(name)) });
    expect(alarm).toMatchObject({
      Statistic: 'Sum',
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      EvaluationPeriods: 2,
      // Who stops a function stops its metric.
      TreatMissingData: 'breaching',
    });
    expect(Period).toBe(60 * Math.max(5, everyMinutes));
    // CloudWatch looks back a day, or seven where a period is an hour at least.
    expect(2 * Number(Period)).toBeLessThanOrEqual(Number(Period) < 3600 ? 86_400 : 7 * 86_400);
  });

  it('ring at once for a function that has one try a day', () => {
    for (const name of Object.keys(FUNCTIONS)) {
      const schedules: Partial<Record<string, { everyMinutes: number }>> = SCHEDULES;
      const { EvaluationPeriods } = alarmOn('Errors', { FunctionName: cloud.nameOf(functionOf(name)) });
      expect(EvaluationPeriods, name).toBe((schedules[name]?.everyMinutes ?? 1) > 1 ? 1 : 3);
    }
  });

  it("ring when the witness's address answers with server errors", () => {
    const FunctionName = cloud.nameOf(functionOf('witness-cosign'));
    expect(alarmOn('Url5xxCount', { FunctionName })).toMatchObject({ Namespace: 'AWS/Lambda', Threshold: 0 });
  });

  it('ring when the API answers with server errors', () => {
    const ApiId = cloud.nameOf(only('AWS::ApiGatewayV2::Api'));
    expect(alarmOn('5xx', { ApiId })).toMatchObject({ Namespace: 'AWS/ApiGateway', Threshold: 0 });
  });
});

const ofTheTrail = (Object.keys(FUNCTIONS) as FunctionName[]).filter(
  (name) => (FUNCTIONS[name] as FunctionWiring).stack === 'audit',
);

describe.each([
  ['entries that the bus refused', PUT_FAILED, [STREAM.function]],
  ['findings of the trail', FINDING, ofTheTrail],
  ['second histories that a log has signed', INCONSISTENT, ['witness-cosign']],
] as const)('alarms on %s', (_, message, functions) => {
  it.each(functions)('count the line that %s writes', (name) => {
    const group = at(cloud.property(functionOf(name), 'LoggingConfig'), 'LogGroup');
    const filter = only(
      'AWS::Logs::MetricFilter',
      (one) =>
        cloud.property(one, 'LogGroupName') === group &&
        cloud.property(one, 'FilterPattern') === `{ $.message = "${message}" }`,
    );
    const [transformation] = objects(cloud.property(filter, 'MetricTransformations'));
    expect(transformation?.['MetricValue']).toBe('1');
    expect(alarmOn(String(transformation?.['MetricName']), {})).toMatchObject({
      Namespace: transformation?.['MetricNamespace'],
      Statistic: 'Sum',
      Threshold: 0,
    });
  });

  it('count nothing else', () => {
    const filters = all('AWS::Logs::MetricFilter').filter(
      (one) => cloud.property(one, 'FilterPattern') === `{ $.message = "${message}" }`,
    );
    expect(filters).toHaveLength(functions.length);
  });
});

it('rings for three minutes in which an entry has waited longer than auditors are told', () => {
  const filter = only(
    'AWS::Logs::MetricFilter',
    (one) => cloud.property(one, 'FilterPattern') === `{ $.message = "${WAITING}" }`,
  );
  expect(cloud.property(filter, 'LogGroupName')).toBe(
    at(cloud.property(functionOf('audit-sequence'), 'LoggingConfig'), 'LogGroup'),
  );
  const [transformation] = objects(cloud.property(filter, 'MetricTransformations'));
  expect(transformation?.['MetricValue']).toBe('$.oldestMs');
  expect(alarmOn(String(transformation?.['MetricName']), {})).toMatchObject({
    Statistic: 'Maximum',
    Threshold: 60_000,
    EvaluationPeriods: 3,
    Period: 60,
  });
});

describe('the alarm on missing cosignatures', () => {
  const UNSIGNED = 'a witness did not cosign';

  it('rings for three within an hour, by the line that the sequencer writes', () => {
    const written = readFileSync('functions/audit/sequence/publish-cosignatures.ts', 'utf8');
    expect(written).toContain(`log.error('${UNSIGNED}'`);
    const filter = only(
      'AWS::Logs::MetricFilter',
      (one) => cloud.property(one, 'FilterPattern') === `{ $.message = "${UNSIGNED}" }`,
    );
    expect(cloud.property(filter, 'LogGroupName')).toBe(
      at(cloud.property(functionOf('audit-sequence'), 'LoggingConfig'), 'LogGroup'),
    );
    const [transformation] = objects(cloud.property(filter, 'MetricTransformations'));
    expect(alarmOn(String(transformation?.['MetricName']), {})).toMatchObject({ Period: 3600, Threshold: 2 });
  });
});

describe('alarms on the relay', () => {
  const FunctionName = cloud.nameOf(functionOf(STREAM.function));

  it('ring while a day is left to mend it', () => {
    const { Threshold, EvaluationPeriods, Period, Statistic } = alarmOn('IteratorAge', { FunctionName });
    expect(Statistic).toBe('Maximum');
    expect(Number(Threshold)).toBeGreaterThan(0);
    expect(Number(Threshold) / 1000 + Number(EvaluationPeriods) * Number(Period)).toBeLessThanOrEqual(3600);
  });

  it('ring when records were given up, and when they did not even reach the bucket', () => {
    const mapping = only('AWS::Lambda::EventSourceMapping', (candidate) =>
      String(cloud.property(candidate, 'EventSourceArn')).includes('/stream/'),
    );
    // The metric exists only where the mapping asks for it.
    expect(cloud.property(mapping, 'MetricsConfig')).toEqual({ Metrics: ['EventCount'] });
    const EventSourceMappingUUID = String(cloud.resolve({ Ref: mapping.logicalId }, mapping, 'Ref'));
    expect(alarmOn('OnFailureDestinationDeliveredEventCount', { EventSourceMappingUUID })).toMatchObject(
      atOnce,
    );
    expect(alarmOn('DestinationDeliveryFailures', { FunctionName })).toMatchObject(atOnce);
  });
});
