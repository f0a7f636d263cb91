import type { Inserted } from '../../shared/lambda/stream.ts';
import type { Log } from '../../shared/runtime/log.ts';
import type { Bus, PutResult } from './bus.ts';
import { type BusEntry, busEntry, calls } from './entry.ts';

/** The alarm on failed entries counts log lines with this message. */
export const PUT_FAILED = 'put failed';

/**
 * Puts a batch of a shard on the bus, in order: a call is made only when every entry before it was taken.
 * @returns the sequence number of the first record that was not; nothing from there on counts as done. Null when all were.
 * @throws Error where that is the first of several: Lambda then halves the batch, so that a record that can never be put ends up
 * alone, and alone in the failure bucket ("the batch is split in two when the invocation fails", whatever the answer's format).
 */
export async function putInOrder(batch: readonly Inserted[], bus: Bus, log: Log): Promise<string | null> {
  const failed = await firstFailed(batch, bus, log);
  if (failed !== null && failed === batch[0]?.sequenceNumber && batch.length > 1)
    throw new Error(`the first of ${batch.length} records was not put: ${failed}`);
  return failed;
}

async function firstFailed(batch: readonly Inserted[], bus: Bus, log: Log): Promise<string | null> {
  const { fit, unfit } = upToUnfit(batch);
  for (const call of calls(fit)) {
    const results = await put(
      call.map(({ entry }) => entry),
      bus,
    );
    // A missing result is no success.
    const failures = call.flatMap((item, index) => {
      const result = results[index] ?? { code: 'NoResult' };
      return result.code === undefined ? [] : [{ item, result }];
    });
    for (const { item, result } of failures) report(item, result, log);
    if (failures[0]) return failures[0].item.sequenceNumber;
  }
  if (unfit) report(unfit, { code: unfit.reason }, log);
  return unfit?.sequenceNumber ?? null;
}

type Fit = Inserted & { entry: BusEntry };
type Cut = { fit: Fit[]; unfit: (Inserted & { reason: string }) | null };

/** The entries before the first record that may not go out, and that record. */
function upToUnfit(batch: readonly Inserted[]): Cut {
  const fit: Fit[] = [];
  for (const inserted of batch) {
    const entry = busEntry(inserted.record);
    if ('unfit' in entry) return { fit, unfit: { ...inserted, reason: entry.unfit } };
    fit.push({ ...inserted, entry });
  }
  return { fit, unfit: null };
}

/** A call that failed as a whole took nothing: so say all its results. */
async function put(entries: readonly BusEntry[], bus: Bus): Promise<PutResult[]> {
  try {
    return await bus.putEvents(entries);
  } catch (error) {
    const { name, message } = error as Error;
    return entries.map(() => ({ code: name, message }));
  }
}

const report = ({ sequenceNumber, record }: Inserted, result: PutResult, log: Log): void =>
  log.error(PUT_FAILED, {
    sequenceNumber,
    stream: record?.stream,
    sequence: record?.sequence,
    ...result,
  });
