import type { EventRecord } from '../../shared/record/event-record.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Log } from '../../shared/runtime/log.ts';
import type { AuditEntries } from '../../shared/store/audit-entries.ts';
import type { Events } from '../../shared/store/events.ts';
import { type Discovery, entryOf, findingEntry } from '../../shared/trail/of-record.ts';
import { follow, type Position, prove } from './chain.ts';

/** The alarm on the trail's integrity counts log lines with this message. */
export const FINDING = 'integrity finding';

export interface Recorder {
  entries: Pick<AuditEntries, 'last' | 'one' | 'put'>;
  /** The records of a stream, whichever kind it holds. */
  recordsOf(stream: string): Pick<Events, 'after' | 'one'>;
  clock: Clock;
  log: Log;
}

const PAGE = 100;

/**
 * Records a stream from where its trail ends: one entry for each record, in order, so that the last entry of a stream says how far it
 * is recorded. The hinted sequences are known to exist: each of them is recorded after this, or found missing.
 */
export async function recordStream(stream: string, hinted: readonly number[], deps: Recorder): Promise<void> {
  const { entries, recordsOf } = deps;
  const records = recordsOf(stream);
  const last = await entries.last(stream);
  let position: Position = { sequence: last?.sequence ?? 0, hash: last ? last.recordHash : null };
  for (const sequence of hinted)
    if (sequence < position.sequence) await recheck(stream, sequence, records, deps);

  // The record that was recorded last is read again: one that was rewritten since is found now.
  let reading = Math.max(0, position.sequence - 1);
  const target = Math.max(...hinted);
  while (reading < target) {
    const page = await records.after(stream, reading, PAGE);
    if (page.length === 0)
      return recordFinding({ code: 'gap', stream, sequence: reading + 1, to: target }, deps);
    const gone = reading < position.sequence && page[0]?.sequence !== position.sequence;
    if (gone) await recordFinding({ code: 'gap', stream, sequence: reading + 1, to: reading + 1 }, deps);
    const { steps, position: reached } = follow(stream, position, page);
    for (const step of steps)
      await ('record' in step ? recordOne(step.record, deps) : recordFinding(step.finding, deps));
    position = reached;
    reading = page.at(-1)?.sequence ?? target;
  }
}

/** A record before the end of its trail: one that stood in a gap is recorded late, one that was rewritten since is found. */
async function recheck(
  stream: string,
  sequence: number,
  records: Pick<Events, 'one'>,
  deps: Recorder,
): Promise<void> {
  const record = await records.one(stream, sequence);
  if (!record) return recordFinding({ code: 'gap', stream, sequence, to: sequence }, deps);
  if (!prove(record))
    return recordFinding(
      { code: 'hash-mismatch', stream, sequence, to: sequence, expected: record.hash },
      deps,
    );
  const standing = await deps.entries.one(stream, sequence);
  if (standing?.recordHash !== record.hash) await recordOne(record, deps);
}

async function recordOne(record: EventRecord, deps: Recorder): Promise<void> {
  const { stream, sequence, hash } = record;
  const standing = await deps.entries.put(entryOf(record, deps.clock()));
  if (standing === null || standing.recordHash === hash) return;
  const expected = standing.recordHash ?? 'none';
  await recordFinding({ code: 'fork', stream, sequence, to: sequence, found: hash, expected }, deps);
}

async function recordFinding(finding: Discovery, { entries, clock, log }: Recorder): Promise<void> {
  log.error(FINDING, { ...finding });
  await entries.put(findingEntry(finding, clock()));
}
