import { join } from 'node:path';
import { type Bus, startBus } from './bus/bus.ts';
import type { FunctionRunner } from './functions/runner.ts';
import { readBucketPolicies } from './grants/bucket-policies.ts';
import type { Caller, CallerOf } from './grants/caller.ts';
import { makePolicy } from './grants/policy.ts';
import { openKeys } from './kms/keys.ts';
import { startKms } from './kms/server.ts';
import { startObjectFront } from './object-store/front.ts';
import { readBucketLocks } from './object-store/retention.ts';
import type { Endpoints } from './services.ts';
import type { Cloud } from './template/cloud.ts';

/** Services that the host itself answers for, each on a port of its own. */
export interface Imitated {
  bus: Bus;
  /** Base URLs: the object store that functions reach, and KMS. */
  urls: { objects: string; kms: string };
}

export interface ImitatedOptions {
  cloud: Cloud;
  endpoints: Endpoints;
  /** Keys and the locks of objects are kept here. */
  dataDir: string;
  runnerOf(name: string): FunctionRunner | undefined;
  log(line: string): void;
  /** Gets what ends each of them. */
  onClose(close: () => Promise<void>): void;
}

export async function startImitated(options: ImitatedOptions): Promise<Imitated> {
  const { cloud, endpoints, dataDir, runnerOf, log, onClose } = options;
  const bus = await startBus();
  onClose(bus.close);
  const callers = new Map<string, Caller>();
  const callerOf: CallerOf = (sessionToken) => {
    const definition = runnerOf(sessionToken)?.definition;
    if (definition && !callers.has(sessionToken)) {
      const { allows } = makePolicy(definition.start.statements);
      callers.set(sessionToken, { roleArn: definition.roleArn, allows });
    }
    return callers.get(sessionToken);
  };
  const objects = await startObjectFront({
    upstream: endpoints.s3,
    locksFile: join(dataDir, 'object-locks.db'),
    buckets: readBucketLocks(cloud),
    policies: readBucketPolicies(cloud),
    callerOf,
    now: Date.now,
    log,
  });
  onClose(objects.close);
  const kms = await startKms(openKeys(cloud, join(dataDir, 'keys')), callerOf);
  onClose(kms.close);
  return { bus, urls: { objects: objects.url, kms: kms.url } };
}
