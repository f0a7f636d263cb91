import { describe, expect, it } from 'vitest';
import {
  EVENT_SOURCE,
  FUNCTIONS,
  QUEUES,
  REFUSAL_SOURCE,
  SCHEDULES,
  STREAM,
  SUBSCRIPTIONS,
  type SubscriptionWiring,
} from '../../functions/wiring.ts';
import type { Json } from '../../local/host/services.ts';
import type { Resource } from '../../local/host/template/assembly.ts';
import { compilePattern, matchesPattern } from '../../shared/event-pattern/pattern.ts';
import {
  all,
  at,
  bucketOf,
  cloud,
  functionOf,
  objects,
  only,
  propertiesOf,
  queueOf,
  tableOf,
} from '../kit/template.ts';

const subscriptions = Object.entries(SUBSCRIPTIONS) as [string, SubscriptionWiring][];
const workQueues = [
  ...subscriptions.map(([name, wiring]) => ({ label: `${name}-subscription/Work`, wiring })),
  ...Object.entries(QUEUES).map(([name, wiring]) => ({ label: `${name}-queue`, wiring })),
];

const queueByArn = (arn: unknown): Resource => only('AWS::SQS::Queue', (queue) => cloud.arnOf(queue) === arn);
const isFifo = (queue: Resource): boolean => cloud.property(queue, 'FifoQueue') === true;
const redriveOf = (queue: Resource) => cloud.property(queue, 'RedrivePolicy') as Json | undefined;
const ruleOf = (name: string): Resource =>
  only('AWS::Events::Rule', ({ label }) => label === `${name}-subscription/Rule`);
const matches = (pattern: unknown, event: Json): boolean => {
  const compiled = compilePattern(pattern);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors));
  return matchesPattern(compiled.pattern, event);
};

/** Who may send to a queue: the ARNs that its policies let in. */
const sendersOf = (queue: Resource): unknown[] =>
  all('AWS::SQS::QueuePolicy')
    .filter((policy) =>
      (cloud.property(policy, 'Queues') as string[])[0]?.endsWith(`/${cloud.nameOf(queue)}`),
    )
    .flatMap((policy) => objects((cloud.property(policy, 'PolicyDocument') as Json)['Statement']))
    .filter(({ Effect }) => Effect === 'Allow')
    .map(({ Condition }) => ((Condition as Json)['ArnEquals'] as Json)['aws:SourceArn']);

describe.each(subscriptions)('the subscription of %s', (name, wiring) => {
  const rule = ruleOf(name);
  const [target, ...others] = objects(cloud.property(rule, 'Targets'));
  const queue = queueOf(`${name}-subscription/Work`);

  it('takes its sources from our bus and no others', () => {
    expect(cloud.property(rule, 'EventBusName')).toBe(cloud.nameOf(only('AWS::Events::EventBus')));
    expect(cloud.property(rule, 'State')).toBe('ENABLED');
    const takes = (source: string) => matches(cloud.property(rule, 'EventPattern'), { source, detail: {} });
    expect(takes(EVENT_SOURCE)).toBe(true);
    expect(takes(REFUSAL_SOURCE)).toBe(name === 'audit');
    expect(takes('aws.s3')).toBe(false);
  });

  it('fills its queue, and a standard queue beside it after a day of trying', () => {
    expect(others).toEqual([]);
    expect(target?.['Arn']).toBe(cloud.arnOf(queue));
    expect(target?.['RetryPolicy']).toEqual({ MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 });
    const undelivered = queueByArn(at(target, 'DeadLetterConfig', 'Arn'));
    expect(undelivered.label).toBe(`${name}-subscription/Undelivered`);
    // EventBridge gives no dead letters to FIFO queues.
    expect(isFifo(undelivered)).toBe(false);
    expect(sendersOf(undelivered)).toEqual([cloud.arnOf(rule)]);
    expect(sendersOf(queue)).toEqual([cloud.arnOf(rule)]);
  });

  it('has one writer at a time where the wiring says so', () => {
    expect(isFifo(queue)).toBe(wiring.fifo ?? false);
    expect(target?.['SqsParameters']).toEqual(wiring.fifo ? { MessageGroupId: name } : undefined);
    // Without it, EventBridge can't send to a FIFO queue at all.
    expect(cloud.property(queue, 'ContentBasedDeduplication')).toBe(wiring.fifo);
  });
});

it('gives refusals to the audit trail alone', () => {
  const refusal = { source: REFUSAL_SOURCE, 'detail-type': 'followthrough.refusal', detail: {} };
  const taking = all('AWS::Events::Rule').filter((rule) => {
    const pattern = cloud.property(rule, 'EventPattern');
    return pattern !== undefined && matches(pattern, refusal);
  });
  expect(taking.map(({ label }) => label)).toEqual(['audit-subscription/Rule']);
});

describe.each(workQueues)('the queue $label', ({ label, wiring }) => {
  const queue = queueOf(label);

  it('hands over what was received too often, to a queue of its own kind', () => {
    const redrive = redriveOf(queue);
    expect(redrive?.['maxReceiveCount']).toBe(wiring.receives);
    const deadLetters = queueByArn(redrive?.['deadLetterTargetArn']);
    expect(isFifo(deadLetters)).toBe(isFifo(queue));
    expect(cloud.property(deadLetters, 'MessageRetentionPeriod')).toBe(14 * 86_400);
  });

  it('is worked off by its function alone, which names the messages that failed', () => {
    const consumer = functionOf(wiring.function);
    const mapping = only('AWS::Lambda::EventSourceMapping', (candidate) => {
      return cloud.property(candidate, 'EventSourceArn') === cloud.arnOf(queue);
    });
    expect(propertiesOf(mapping)).toMatchObject({
      FunctionName: cloud.nameOf(consumer),
      BatchSize: wiring.batch,
      MaximumBatchingWindowInSeconds: wiring.windowSeconds,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    expect(cloud.property(mapping, 'ScalingConfig')).toEqual(
      wiring.maximumConcurrency ? { MaximumConcurrency: wiring.maximumConcurrency } : undefined,
    );
  });

  it('hides a message for six times as long as its function may take', () => {
    const timeout = FUNCTIONS[wiring.function].timeout;
    expect(cloud.property(queue, 'VisibilityTimeout')).toBeGreaterThanOrEqual(6 * timeout);
  });
});

describe('queues', () => {
  it('hand over to a dead-letter queue, or are one', () => {
    const targets = all('AWS::SQS::Queue').map((queue) => redriveOf(queue)?.['deadLetterTargetArn']);
    const rules = all('AWS::Events::Rule').flatMap((rule) =>
      objects(cloud.property(rule, 'Targets')).map((target) => (target['DeadLetterConfig'] as Json)['Arn']),
    );
    const bus = (cloud.property(only('AWS::Events::EventBus'), 'DeadLetterConfig') as Json)['Arn'];
    const deadLetterQueues = new Set([...targets, ...rules, bus].filter((arn) => arn !== undefined));
    for (const queue of all('AWS::SQS::Queue'))
      expect(redriveOf(queue) !== undefined, queue.label).toBe(!deadLetterQueues.has(cloud.arnOf(queue)));
  });

  it('are encrypted and take nothing without TLS', () => {
    for (const queue of all('AWS::SQS::Queue')) {
      expect(cloud.property(queue, 'SqsManagedSseEnabled'), queue.label).toBe(true);
      const denying = all('AWS::SQS::QueuePolicy').filter((policy) => {
        const [statement] = objects((cloud.property(policy, 'PolicyDocument') as Json)['Statement']);
        return statement?.['Effect'] === 'Deny' && statement['Resource'] === cloud.arnOf(queue);
      });
      expect(denying.length, queue.label).toBe(1);
    }
  });
});

describe('the stream of the commands table', () => {
  const mapping = only('AWS::Lambda::EventSourceMapping', (candidate) =>
    String(cloud.property(candidate, 'EventSourceArn')).includes('/stream/'),
  );
  const [filter, ...others] = objects((cloud.property(mapping, 'FilterCriteria') as Json)['Filters']);
  const passes = (eventName: string, sk: string): boolean =>
    matches(JSON.parse(String(filter?.['Pattern'])), {
      eventName,
      dynamodb: { Keys: { pk: { S: 'cmt_1' }, sk: { S: sk } } },
    });

  it('brings inserted event and refusal records to the relay, and nothing else', () => {
    expect(others).toEqual([]);
    expect(passes('INSERT', 'E#0000000001')).toBe(true);
    expect(passes('INSERT', 'R#0000000001')).toBe(true);
    for (const sk of ['S#head', 'S#evidence#0001', 'I', '09:15'])
      expect(passes('INSERT', sk), sk).toBe(false);
    // A redacted text or an expired record is no news.
    expect(passes('MODIFY', 'E#0000000001')).toBe(false);
    expect(passes('REMOVE', 'E#0000000001')).toBe(false);
  });

  it('loses nothing: halves, tries again, and keeps the payload of what it gives up', () => {
    expect(propertiesOf(mapping)).toMatchObject({
      FunctionName: cloud.nameOf(functionOf(STREAM.function)),
      StartingPosition: 'TRIM_HORIZON',
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRetryAttempts: STREAM.retries,
      DestinationConfig: { OnFailure: { Destination: cloud.arnOf(bucketOf('Failures')) } },
      EventSourceArn: expect.stringContaining(cloud.arnOf(tableOf(STREAM.table))),
    });
    const age = Number(cloud.property(mapping, 'MaximumRecordAgeInSeconds'));
    expect(age).toBe(STREAM.maximumRecordAgeHours * 3600);
    expect(age).toBeLessThan(86_400);
    // Several batches of a shard at a time would put a stream's events out of order.
    expect(cloud.property(mapping, 'ParallelizationFactor') ?? 1).toBe(1);
  });
});

describe.each(Object.entries(SCHEDULES))('the schedule of %s', (name, { everyMinutes }) => {
  const rule = only('AWS::Events::Rule', ({ label }) => label === `${name}/Schedule`);

  it('calls its function', () => {
    // EventBridge has one unit a rate, in the singular where there is one of it.
    const [many, unit] = everyMinutes % 60 === 0 ? [everyMinutes / 60, 'hour'] : [everyMinutes, 'minute'];
    expect(cloud.property(rule, 'ScheduleExpression')).toBe(`rate(${many} ${unit}${many === 1 ? '' : 's'})`);
    const [target] = objects(cloud.property(rule, 'Targets'));
    expect(target?.['Arn']).toBe(cloud.arnOf(functionOf(name)));
    expect(queueByArn(at(target, 'DeadLetterConfig', 'Arn')).label).toBe(`${name}/Undelivered`);
    const permission = only('AWS::Lambda::Permission', (candidate) => {
      return cloud.property(candidate, 'SourceArn') === cloud.arnOf(rule);
    });
    expect(propertiesOf(permission)).toMatchObject({
      Principal: 'events.amazonaws.com',
      FunctionName: cloud.arnOf(functionOf(name)),
    });
  });
});
