import { setTimeout as sleep } from 'node:timers/promises';
import type { FunctionRunner, Outcome } from '../functions/runner.ts';
import type { Json } from '../services.ts';
import type { Cloud } from '../template/cloud.ts';

/** How a function that nobody waits for is retried, and where its last failure goes. */
export interface AsynchronousRules {
  maximumRetries: number;
  onFailureArn?: string;
}

/** Rules by physical name of the function, from each `AWS::Lambda::EventInvokeConfig`. */
export function readAsynchronousRules(cloud: Cloud): Map<string, AsynchronousRules> {
  const rules = new Map<string, AsynchronousRules>();
  for (const resource of cloud.resources('AWS::Lambda::EventInvokeConfig')) {
    const destinations = cloud.property(resource, 'DestinationConfig') as Json | undefined;
    const destination = (destinations?.['OnFailure'] as Json | undefined)?.['Destination'];
    rules.set(String(cloud.property(resource, 'FunctionName')), {
      maximumRetries: Number(cloud.property(resource, 'MaximumRetryAttempts') ?? defaults.maximumRetries),
      ...(typeof destination === 'string' && { onFailureArn: destination }),
    });
  }
  return rules;
}

const defaults: AsynchronousRules = { maximumRetries: 2 };

/** Lambda waits one and two minutes before its retries; a local system is not watched that long. */
const waits = [200, 1000];

export type SendFailure = (queueArn: string, body: string) => Promise<void>;

/** Runs a function as Lambda runs an asynchronous invocation: retries, then the failure destination. */
export async function invokeAsynchronously(
  runner: FunctionRunner,
  event: string,
  rules: AsynchronousRules = defaults,
  sendFailure: SendFailure,
): Promise<void> {
  let outcome = await runner.invoke(event);
  let tries = 1;
  while (!outcome.ok && tries <= rules.maximumRetries) {
    await sleep(waits[tries - 1] ?? 1000);
    outcome = await runner.invoke(event);
    tries++;
  }
  if (outcome.ok || rules.onFailureArn === undefined) return;
  await sendFailure(rules.onFailureArn, JSON.stringify(failureRecord(runner, event, outcome, tries)));
}

/** Source: "Capturing records of Lambda asynchronous invocations" of the Lambda guide. */
function failureRecord(runner: FunctionRunner, event: string, outcome: Outcome, tries: number) {
  return {
    version: '1.0',
    timestamp: new Date().toISOString(),
    requestContext: {
      requestId: outcome.requestId,
      functionArn: `${runner.definition.arn}:$LATEST`,
      condition: 'RetriesExhausted',
      approximateInvokeCount: tries,
    },
    requestPayload: JSON.parse(event),
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: JSON.parse(outcome.payload),
  };
}
