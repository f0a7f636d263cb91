import type { EventRecord } from '../../../shared/record/event-record.ts';
import { latest } from '../../../shared/runtime/clock.ts';
import type { AuditEntries } from '../../../shared/store/audit-entries.ts';
import type { Events } from '../../../shared/store/events.ts';
import { entryOf } from '../../../shared/trail/of-record.ts';
import { follow, type Position, prove } from './chain.ts';
import { markEntry, takeEntry } from './record-entry.ts';
import { type Finder, recordFinding } from './record-finding.ts';

export interface Recorder extends Finder {
  entries: Pick<AuditEntries, 'last' | 'one' | 'put'>;
  /** The records of a stream, whichever kind it holds. */
  recordsOf(stream: string): Pick<Events, 'after' | 'one'>;
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
  // No entry says that it was recorded before the one before it, however the clocks stand.
  let since = last?.recordedAt ?? '';
  for (const sequence of hinted)
    if (sequence < position.sequence) since = await recheck(stream, sequence, records, since, deps);
    else if (last && sequence === position.sequence) await markEntry(last, deps);

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
      if ('record' in step) since = await recordOne(step.record, since, deps);
      else await recordFinding(step.finding, deps);
    position = reached;
    reading = page.at(-1)?.sequence ?? target;
  }
}

/** A record before the end of its trail: one that stood in a gap is recorded late, one that was rewritten since is found. */
async function recheck(
  stream: string,
  sequence: number,
  records: Pick<Events, 'one'>,
  since: string,
  deps: Recorder,
): Promise<string> {
  const record = await records.one(stream, sequence);
  const find = (code: 'gap' | 'hash-mismatch', expected?: string) =>
    recordFinding({ code, stream, sequence, to: sequence, ...(expected && { expected }) }, deps);
  if (!record) await find('gap');
  else if (!prove(record)) await find('hash-mismatch', record.hash);
  else {
    const standing = await deps.entries.one(stream, sequence);
    if (standing?.recordHash !== record.hash) return recordOne(record, since, deps);
    await markEntry(standing, deps);
  }
  return since;
}

/** Answers when the entry was recorded. */
async function recordOne(record: EventRecord, since: string, deps: Recorder): Promise<string> {
  const { stream, sequence, hash } = record;
  const entry = entryOf(record, latest(deps.clock(), since));
  const standing = await takeEntry(entry, deps);
  if (standing && standing.recordHash !== hash) {
    const expected = standing.recordHash ?? 'none';
    await recordFinding({ code: 'fork', stream, sequence, to: sequence, found: hash, expected }, deps);
  }
  return latest((standing ?? entry).recordedAt, since);
}
