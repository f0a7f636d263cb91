import type { Outcome } from '../functions/runner.ts';
import type { Json } from '../services.ts';
import { failuresIn, type Mapping } from './mapping.ts';

/** A record of a DynamoDB stream as Lambda delivers it. */
export interface StreamRecord extends Json {
  eventID: string;
  eventName: string;
  dynamodb: Json & { SequenceNumber: string; ApproximateCreationDateTime: number };
}

/** Why records were given up, in the words of Lambda's failure destination. */
export type GiveUpReason = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

/** What is given up, with what is known of the last attempt. */
export interface Surrender {
  records: StreamRecord[];
  reason: GiveUpReason;
  attempts: number;
  outcome: Outcome | undefined;
}

export interface BatchActions {
  invoke(records: StreamRecord[]): Promise<Outcome>;
  /** Everything up to and with this record is done with. */
  commit(record: StreamRecord): void;
  /** Must have kept the records when it returns; a rejection is tried again. */
  surrender(given: Surrender): Promise<void>;
  /** Waits before the next attempt; false when the host stops meanwhile. */
  pause(failures: number): Promise<boolean>;
  now(): number;
}

interface Part {
  records: StreamRecord[];
  attempts: number;
}

/**
 * Brings one batch to its end, in order: done, or given up. A partial failure commits what stands before the
 * failed record and goes on from there; a complete failure is split in halves (when the mapping bisects) or
 * tried again, until retries or age are exhausted. Splitting does not count as a retry.
 * Answers false when the host stopped before the end.
 */
export async function processBatch(
  records: StreamRecord[],
  mapping: Pick<Mapping, 'bisects' | 'maximumRetries' | 'maximumAgeMs' | 'reportsFailures'>,
  actions: BatchActions,
): Promise<boolean> {
  const parts: Part[] = [{ records, attempts: 0 }];
  let failures = 0;
  for (;;) {
    const part = parts[0];
    if (!part) return true;
    const expired = countExpired(part.records, mapping.maximumAgeMs, actions.now());
    if (expired > 0) {
      const old = part.records.splice(0, expired);
      await actions.surrender({
        records: old,
        reason: 'RecordAgeExceeded',
        attempts: part.attempts,
        outcome: undefined,
      });
      commitLast(old, actions);
      if (part.records.length === 0) parts.shift();
      continue;
    }
    const outcome = await actions.invoke(part.records);
    const failedAt = firstFailure(part.records, outcome, mapping.reportsFailures);
    if (failedAt > 0) commitLast(part.records.slice(0, failedAt), actions);
    if (failedAt === part.records.length) {
      parts.shift();
      failures = 0;
      continue;
    }
    if (failedAt > 0) {
      part.records = part.records.slice(failedAt);
      part.attempts = 0;
    } else if (mapping.bisects && part.records.length > 1) {
      const middle = Math.ceil(part.records.length / 2);
      const halves = [part.records.slice(0, middle), part.records.slice(middle)];
      parts.splice(0, 1, ...halves.map((half) => ({ records: half, attempts: part.attempts })));
    } else if (++part.attempts > mapping.maximumRetries) {
      const { attempts } = part;
      await actions.surrender({ records: part.records, reason: 'RetryAttemptsExhausted', attempts, outcome });
      commitLast(part.records, actions);
      parts.shift();
      failures = 0;
      continue;
    }
    if (!(await actions.pause(++failures))) return false;
  }
}

/** A request payload of Lambda holds 6 MB. */
const maximumPayload = 6_000_000;

/** Batches of at most `size` records and of what one invocation may carry. */
export function* batchesOf(records: StreamRecord[], size: number): Generator<StreamRecord[]> {
  let batch: StreamRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    // An image in JSON takes up to about twice what DynamoDB counts.
    const weight = 2 * Number(record.dynamodb['SizeBytes'] ?? 0) + 500;
    if (batch.length > 0 && (batch.length >= size || bytes + weight > maximumPayload)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(record);
    bytes += weight;
  }
  if (batch.length > 0) yield batch;
}

/** Index of the first record that failed; the length when none did, 0 when all did. */
function firstFailure(records: StreamRecord[], outcome: Outcome, reportsFailures: boolean): number {
  if (!outcome.ok) return 0;
  if (!reportsFailures) return records.length;
  const numbers = records.map((record) => record.dynamodb.SequenceNumber);
  const failed = failuresIn(outcome.payload, new Set(numbers));
  if (failed === 'all') return 0;
  const first = numbers.findIndex((number) => failed.has(number));
  return first < 0 ? records.length : first;
}

function countExpired(records: StreamRecord[], maximumAgeMs: number, now: number): number {
  const young = records.findIndex(
    (record) => now - record.dynamodb.ApproximateCreationDateTime * 1000 <= maximumAgeMs,
  );
  return young < 0 ? records.length : young;
}

function commitLast(records: StreamRecord[], actions: BatchActions): void {
  const last = records.at(-1);
  if (last) actions.commit(last);
}
