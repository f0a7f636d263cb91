import { randomUUID } from 'node:crypto';
import type { Deliver } from '../bus/delivery.ts';
import { enabledRules, readTargets, type Target } from '../bus/rules.ts';
import type { Log } from '../functions/output.ts';
import { account, type Json, region } from '../services.ts';
import type { Cloud } from '../template/cloud.ts';
import { type Next, parseSchedule } from './expression.ts';

export interface Schedule {
  arn: string;
  next: Next;
  targets: Target[];
  /** A rule needs its targets' permission; a schedule has a role of its own. */
  isRule: boolean;
}

/** Every scheduled rule and every schedule of the template. Throws on an expression it cannot read. */
export function readSchedules(cloud: Cloud, started: number): Schedule[] {
  const rules = enabledRules(cloud).flatMap((resource) => {
    const expression = cloud.property(resource, 'ScheduleExpression');
    if (typeof expression !== 'string') return [];
    const targets = readTargets(cloud, resource);
    return [{ arn: cloud.arnOf(resource), next: parseSchedule(expression, started), targets, isRule: true }];
  });
  const schedules = cloud.resources('AWS::Scheduler::Schedule').flatMap((resource) => {
    if (cloud.property(resource, 'State') === 'DISABLED') return [];
    const expression = String(cloud.property(resource, 'ScheduleExpression'));
    const target = cloud.property(resource, 'Target') as Json;
    const deadLetter = (target['DeadLetterConfig'] as Json | undefined)?.['Arn'];
    const own: Target = {
      arn: String(target['Arn']),
      // A schedule sends its input and nothing around it.
      input: String(target['Input'] ?? '{}'),
      ...(typeof deadLetter === 'string' && { deadLetterArn: deadLetter }),
    };
    return [
      { arn: cloud.arnOf(resource), next: parseSchedule(expression, started), targets: [own], isRule: false },
    ];
  });
  return [...rules, ...schedules];
}

export interface Clockwork {
  /** Fires the schedules of a function now, paused or not; resolves when it has ended. Throws when it has none. */
  fire(targetArn: string): Promise<void>;
  stop(): void;
}

/** Fires each schedule when its time comes. What was missed while the host stood still is not made up for. */
export function startSchedules(
  schedules: Schedule[],
  options: { deliver: Deliver; isPaused(targetArn: string): boolean; log: Log },
): Clockwork {
  const timers = new Map<Schedule, NodeJS.Timeout>();

  function arm(schedule: Schedule): void {
    const now = Date.now();
    const time = schedule.next(now);
    if (time === undefined) return;
    // setTimeout holds 31 bits of ms; a longer wait is armed again on the way.
    const wait = Math.min(time - now, 0x7fff_ffff);
    timers.set(schedule, setTimeout(ring, wait, schedule, time));
  }

  function ring(schedule: Schedule, time: number): void {
    const awake = schedule.targets.filter((target) => !options.isPaused(target.arn));
    if (Date.now() >= time) void fire(schedule, time, awake);
    arm(schedule);
  }

  async function fire(schedule: Schedule, time: number, targets: Target[]): Promise<void> {
    const event = scheduledEvent(schedule.arn, time);
    const id = String(event['id']);
    const body = JSON.stringify(event);
    const parcels = targets.map((target) => ({ target, id, body: target.input ?? body }));
    const lost = await options.deliver(parcels);
    for (const parcel of lost) options.log(`schedule ${schedule.arn}: ${parcel.target.arn} failed`);
  }

  for (const schedule of schedules) arm(schedule);
  return {
    async fire(targetArn) {
      const own = schedules.flatMap((schedule) => {
        const targets = schedule.targets.filter((target) => target.arn === targetArn);
        return targets.length > 0 ? [{ schedule, targets }] : [];
      });
      if (own.length === 0) throw new Error(`nothing is scheduled for ${targetArn}`);
      for (const { schedule, targets } of own) await fire(schedule, Date.now(), targets);
    },
    stop: () => timers.forEach((timer) => void clearTimeout(timer)),
  };
}

function scheduledEvent(arn: string, time: number): Json {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account,
    time: `${new Date(time).toISOString().slice(0, 19)}Z`,
    region,
    resources: [arn],
    detail: {},
  };
}
