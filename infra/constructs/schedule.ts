import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { alarmOnSilence } from './alarms.ts';
import type { WiredFunction } from './function.ts';
import { deadLetterQueue } from './queue.ts';
import type { Deployment } from './surroundings.ts';

/** Lambda keeps an event that it could not run for 6 hours at most. */
const LONGEST_EVENT_MINUTES = 360;

/** Calls a function again and again. What one call missed the next one finds, so none is repeated for long. */
export function schedule(target: WiredFunction, everyMinutes: number, deployment: Deployment): void {
  const every = Duration.minutes(everyMinutes);
  target.lambda.configureAsyncInvoke({
    retryAttempts: 0,
    maxEventAge: Duration.minutes(Math.min(everyMinutes, LONGEST_EVENT_MINUTES)),
  });
  alarmOnSilence(target.lambda, everyMinutes, deployment);
  new Rule(target, 'Schedule', {
    description: `Followthrough: ${target.name} every ${every.toHumanString()}`,
    schedule: Schedule.rate(every),
    targets: [
      new LambdaFunction(target.lambda, {
        retryAttempts: 2,
        maxEventAge: every,
        deadLetterQueue: deadLetterQueue(target, 'Undelivered', deployment),
      }),
    ],
  });
}
