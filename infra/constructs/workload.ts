import type { Construct } from 'constructs';
import {
  FUNCTIONS,
  type FunctionName,
  type FunctionWiring,
  QUEUES,
  SCHEDULES,
  STREAM,
  SUBSCRIPTIONS,
} from '../../functions/wiring.ts';
import { alarmOnRelay } from './alarms.ts';
import { acknowledgeObjectKeys } from './bucket.ts';
import { follow, poll } from './event-sources.ts';
import { WiredFunction } from './function.ts';
import { WorkQueue } from './queue.ts';
import { schedule } from './schedule.ts';
import { Subscription } from './subscription.ts';
import { type Deployment, found, reached, type Surroundings } from './surroundings.ts';

export type Functions = Partial<Record<FunctionName, WiredFunction>>;

/**
 * All functions of one stack with what calls them, but for the API: their queues, the rules that fill those, the stream and the
 * schedules. `stack` is the wiring's name of it; undefined means the service stack.
 */
export function makeWorkload(
  scope: Construct,
  stack: FunctionWiring['stack'],
  around: Omit<Surroundings, 'queues'>,
  deployment: Deployment,
): Functions {
  const isHere = (name: string): boolean =>
    (FUNCTIONS[name as FunctionName] as FunctionWiring).stack === stack;
  const here = (Object.keys(FUNCTIONS) as FunctionName[]).filter(isHere);
  const subscriptions = entries(SUBSCRIPTIONS).filter(([, wiring]) => isHere(wiring.function));
  const queues = entries(QUEUES).filter(([, wiring]) => isHere(wiring.function));
  const made: Surroundings['queues'] = {};
  for (const [name] of subscriptions)
    made[name] = new Subscription(scope, name, reached(around, 'bus'), deployment).queue;
  for (const [name, wiring] of queues)
    made[name] = new WorkQueue(scope, `${name}-queue`, wiring, deployment).queue;

  const functions: Functions = {};
  for (const name of here)
    functions[name] = new WiredFunction(scope, name, { ...around, queues: made }, deployment);
  for (const [name, wiring] of [...subscriptions, ...queues])
    poll(found(functions, wiring.function), found(made, name), wiring);
  for (const [name, { everyMinutes }] of entries(SCHEDULES))
    if (isHere(name)) schedule(found(functions, name), everyMinutes, deployment);
  if (isHere(STREAM.function)) {
    const relay = found(functions, STREAM.function);
    const failures = reached(around, 'failures');
    acknowledgeObjectKeys(relay, failures);
    alarmOnRelay(relay, follow(relay, found(around.tables, STREAM.table), failures), deployment);
  }
  return functions;
}

const entries = <Name extends string, Value>(table: Record<Name, Value>): [Name, Value][] =>
  Object.entries(table) as [Name, Value][];
