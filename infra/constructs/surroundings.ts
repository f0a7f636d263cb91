import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { BucketName, KeyName, QueueName, SUBSCRIPTIONS } from '../../functions/wiring.ts';
import type { TableName } from '../../shared/store/keys.ts';
import type { Config } from '../config.ts';

/** Tokens are those of one issuer for one audience. */
export interface Issuer {
  url: string;
  jwksUrl: string;
  audience: string;
}

/** What the wiring's names stand for where a function is made. Naming what is not here is an error at synthesis. */
export interface Surroundings {
  tables: Partial<Record<TableName, TableV2>>;
  queues: Partial<Record<QueueName | keyof typeof SUBSCRIPTIONS, Queue>>;
  buckets?: Partial<Record<BucketName, Bucket>>;
  /** Keys that sign. */
  keys?: Partial<Record<KeyName, Key>>;
  /** Addresses of the witnesses. */
  witnesses?: readonly string[];
  bus?: EventBus;
  issuer?: Issuer;
  /** Keeps what the relay gave up on. */
  failures?: Bucket;
}

/** What every construct takes along: the settings, and whom an alarm reaches. */
export interface Deployment {
  config: Config;
  alarms: ITopic;
}

/** @throws Error where the surroundings lack it. */
export function found<T>(things: Partial<Record<string, T>> | undefined, name: string): T {
  const thing = things?.[name];
  if (thing === undefined) throw new Error(`the wiring names "${name}", which is not within reach here`);
  return thing;
}

type Single = 'bus' | 'issuer' | 'failures' | 'witnesses';

/** @throws Error where the surroundings lack it. */
export function reached<Name extends Single>(
  around: Pick<Surroundings, Single>,
  name: Name,
): NonNullable<Surroundings[Name]> {
  const thing = around[name];
  if (thing === undefined) throw new Error(`a function needs the ${name}, which is not within reach here`);
  return thing;
}
