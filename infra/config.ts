import { Duration } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Setting } from '../functions/wiring.ts';

/** What a deployment may set; all that does not follow from the wiring. */
export interface Config {
  /** `cdk deploy -c region=…` sets another. */
  region: string;
  /** Settings that functions read, as their environment has them. */
  settings: Record<Setting, string>;
  /** Requests a second and the burst above them, over all clients of the API. */
  throttle: { rateLimit: number; burstLimit: number };
  /** Of what functions write to CloudWatch. */
  logRetention: RetentionDays;
  /** How long nobody at all can delete a tile, a checkpoint or a manifest, from the day it was written. A deployment may lengthen it. */
  logLock: Duration;
  /** Name of the role in which stacks are deployed, with `*`: the only one but root that may change the rules of the log's bucket. */
  deployer: string;
  /** How long an export can be fetched. */
  exportRetention: Duration;
  /** Where the witnesses are asked that other organisations or accounts run. */
  witnessUrls: readonly string[];
  /** Whether the trail asks the witness of this very app too. Not where that one is deployed to another account: its address stands in `witnessUrls` then. */
  asksOwnWitness: boolean;
  /** How many requests a function with an address of its own answers at a time: its only throttle. */
  openConcurrency: number;
  /** How long the bus's archive can be replayed. */
  archiveRetention: Duration;
  /** What the relay gave up on, and messages in dead-letter queues (SQS keeps them 14 days at most). */
  failureRetention: Duration;
  deadLetterRetention: Duration;
  /** An alarm rings when the relay is this far behind. */
  relayBehind: Duration;
  /** An alarm rings when an entry of the trail has waited so long for its place in the log. */
  mergeDelay: Duration;
}

/**
 * What was erased on a person's or an organisation's wish outlives that for so many days in backups, archives and what is kept of failures,
 * and no longer. It is what DynamoDB keeps of a table at most.
 */
export const FORGOTTEN_AFTER_DAYS = 35;

/** What auditors can rely on, whatever a deployment sets. */
const SHORTEST_LOCK_DAYS = 3650;

export const CONFIG: Config = {
  region: 'eu-west-1',
  settings: {
    // Never 'true' in AWS: a webhook to loopback would reach the function's own runtime. The local system overrides it.
    ALLOW_LOOPBACK_WEBHOOKS: 'false',
    // Seconds before each attempt, with commas; empty leaves the schedule that the notifications have of their own.
    WEBHOOK_RETRY_SCHEDULE: '',
    // The log's name, for ever: every checkpoint and every verifier's policy holds it. A deployment sets its own.
    LOG_ORIGIN: 'followthrough.local/audit',
    // The name of the witness that this app deploys. One that another organisation runs has a name of its own.
    WITNESS_NAME: 'followthrough.local/witness',
    // The log's key, as `/v1/audit/key` has it. Empty: the witness keeps the first one that the log comes with, for ever.
    WITNESS_LOG_KEY: '',
  },
  throttle: { rateLimit: 200, burstLimit: 400 },
  logRetention: RetentionDays.ONE_YEAR,
  // One lock for everything, partial tiles too. They could be given up once the full tile stands, but whoever may put a shorter
  // lock on them may put one on a checkpoint. What it costs: a busy log leaves 1,440 batches of about 100 KB a day, 50 GB a
  // year, at USD 0.023 per GB and month.
  logLock: Duration.days(SHORTEST_LOCK_DAYS),
  // The name that `cdk bootstrap` gives it.
  deployer: 'cdk-*-cfn-exec-role-*',
  exportRetention: Duration.days(30),
  witnessUrls: [],
  asksOwnWitness: true,
  openConcurrency: 5,
  archiveRetention: Duration.days(FORGOTTEN_AFTER_DAYS),
  // S3 deletes once a day, and first hides an object and then deletes the hidden one.
  failureRetention: Duration.days(FORGOTTEN_AFTER_DAYS - 5),
  deadLetterRetention: Duration.days(14),
  relayBehind: Duration.minutes(2),
  // What auditors are told; the turn of each minute comes on top of it where a hint was lost.
  mergeDelay: Duration.seconds(60),
};

type Rule = readonly [holds: (config: Config) => boolean, otherwise: string];

const RULES: readonly Rule[] = [
  [
    ({ settings }) => settings.ALLOW_LOOPBACK_WEBHOOKS === 'false',
    'ALLOW_LOOPBACK_WEBHOOKS is for the local system: a deployment never calls loopback',
  ],
  [
    ({ archiveRetention, failureRetention }) =>
      archiveRetention.toDays() <= FORGOTTEN_AFTER_DAYS && failureRetention.toDays() < FORGOTTEN_AFTER_DAYS,
    `archiveRetention and failureRetention: what was erased is nowhere after ${FORGOTTEN_AFTER_DAYS} days`,
  ],
  [
    ({ logLock }) => logLock.toDays() >= SHORTEST_LOCK_DAYS,
    `logLock may be lengthened; auditors rely on ${SHORTEST_LOCK_DAYS} days`,
  ],
  [
    ({ settings: { LOG_ORIGIN, WITNESS_LOG_KEY } }) =>
      WITNESS_LOG_KEY === '' || WITNESS_LOG_KEY.startsWith(`${LOG_ORIGIN}+`),
    'WITNESS_LOG_KEY is the key of another log than LOG_ORIGIN',
  ],
  [
    ({ witnessUrls }) => witnessUrls.every((url) => url.startsWith('https://') && !url.includes(',')),
    'witnessUrls: a witness is asked by https',
  ],
];

/** @throws Error where a deployment would be open to its own network, forget too late or too early, or ask no witness that can answer. */
export function checked(config: Config): Config {
  const broken = RULES.filter(([holds]) => !holds(config));
  if (broken.length > 0) throw new Error(broken.map(([, otherwise]) => otherwise).join('; '));
  return config;
}
