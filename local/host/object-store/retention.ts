import type { Json } from '../services.ts';
import type { Cloud } from '../template/cloud.ts';
import type { Call } from './call.ts';
import { denied, ObjectError } from './errors.ts';
import type { Retention } from './locks.ts';

/** Object Lock of one bucket: what holds for an object that names no retention of its own. */
export interface BucketLock {
  mode?: Retention['mode'];
  days: number;
}

const dayMs = 86_400_000;

/** Buckets with Object Lock, by name. */
export function readBucketLocks(cloud: Cloud): Map<string, BucketLock> {
  const found = new Map<string, BucketLock>();
  for (const resource of cloud.resources('AWS::S3::Bucket')) {
    if (cloud.property(resource, 'ObjectLockEnabled') !== true) continue;
    const configuration = cloud.property(resource, 'ObjectLockConfiguration') as Json | undefined;
    const rule = (configuration?.['Rule'] as Json | undefined)?.['DefaultRetention'] as Json | undefined;
    const mode = rule?.['Mode'];
    const days = Number(rule?.['Days'] ?? Number(rule?.['Years'] ?? 0) * 365);
    found.set(cloud.nameOf(resource), { days, ...(isMode(mode) && { mode }) });
  }
  return found;
}

/** The retention of an object that is put now. Throws `ObjectError` where S3 would not take the headers. */
export function retentionOf(call: Call, lock: BucketLock | undefined, now: number): Retention | undefined {
  const mode = call.header('x-amz-object-lock-mode');
  const date = call.header('x-amz-object-lock-retain-until-date');
  if (mode === undefined && date === undefined) {
    return lock?.mode && { mode: lock.mode, until: now + lock.days * dayMs };
  }
  if (!lock) throw invalid('Bucket is missing Object Lock Configuration');
  return readRetention(mode, date, now);
}

/** Throws `ObjectError` unless both are there, and the date lies ahead. */
export function readRetention(mode: unknown, date: string | undefined, now: number): Retention {
  const until = Date.parse(date ?? '');
  if (!isMode(mode) || Number.isNaN(until)) throw invalid('Mode and RetainUntilDate must both be valid');
  if (until <= now) throw invalid('The retain until date must be in the future!');
  return { mode, until };
}

/** Whether an object that is held may not be replaced or removed. */
export function isHeld(held: Retention | undefined, call: Call, now: number): boolean {
  if (!held || held.until <= now) return false;
  return held.mode === 'COMPLIANCE' || !bypasses(call);
}

/** A retention in force can be made longer; in compliance mode nobody can make it shorter or weaker. */
export function checkChange(held: Retention | undefined, wanted: Retention, call: Call, now: number): void {
  if (!isHeld(held, call, now) || !held) return;
  const weaker = held.mode === 'COMPLIANCE' && wanted.mode !== 'COMPLIANCE';
  if (weaker || wanted.until < held.until)
    throw denied('Access Denied because object protected by object lock.');
}

const bypasses = (call: Call) => call.header('x-amz-bypass-governance-retention') === 'true';

const isMode = (value: unknown): value is Retention['mode'] =>
  value === 'COMPLIANCE' || value === 'GOVERNANCE';

const invalid = (message: string) => new ObjectError(400, 'InvalidRequest', message);
