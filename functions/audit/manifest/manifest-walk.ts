import type { EventRecord } from '../../../shared/record/event-record.ts';
import { inParallel } from '../../../shared/runtime/parallel.ts';
import type { AuditEntries } from '../../../shared/store/audit-entries.ts';
import type { LogStreams, StreamEnd } from '../../../shared/store/log-streams.ts';
import type { StreamHead } from '../../../shared/trail/manifest.ts';
import { markEntry } from '../record/record-entry.ts';
import { type Finder, recordFinding } from '../record/record-finding.ts';
import type { Sources } from './manifest-sources.ts';

export interface Walker extends Finder {
  sources: Sources;
  entries: Pick<AuditEntries, 'put' | 'last' | 'one'>;
  streams: Pick<LogStreams, 'ends'>;
  /** Hints at records that the trail lacks. */
  hint(records: readonly EventRecord[]): Promise<void>;
}

export const MANIFEST = 'audit-manifest';

const AT_ONCE = 16;
const HINTS = 10;

/**
 * Goes to the end of every stream of records and looks whether trail and log are there too. What the trail lacks is hinted at again, what
 * the log lacks is marked again, and what the records lost is told. Answers the ends.
 */
export async function walkStreams(deps: Walker): Promise<StreamHead[]> {
  const names = await deps.sources.names();
  const ends = await deps.streams.ends(names);
  const heads: StreamHead[] = [];
  const lacking: EventRecord[] = [];
  await inParallel(names, AT_ONCE, async (stream) => {
    const last = await deps.sources.recordsOf(stream).last(stream);
    if (last) heads.push({ stream, sequence: last.sequence, recordHash: last.hash });
    const end = ends.get(stream);
    if (end) await compare(end, last, deps);
    if (last && last.sequence > (end?.sequence ?? 0) && (await isLacking(last, end?.sequence ?? 0, deps)))
      lacking.push(last);
  });
  for (let at = 0; at < lacking.length; at += HINTS) await deps.hint(lacking.slice(at, at + HINTS));
  return heads;
}

/** Whether the records still hold what the log knows of a stream. */
async function compare(end: StreamEnd, last: EventRecord | null, deps: Walker): Promise<void> {
  const { stream, sequence, recordHash } = end;
  const find = (code: 'gap' | 'fork', at: number, more: { found?: string; expected?: string }) =>
    recordFinding({ code, stream, sequence: at, to: sequence, ...more }, deps, MANIFEST);
  if (!last || last.sequence < sequence)
    return find('gap', (last?.sequence ?? 0) + 1, { expected: recordHash });
  const record =
    last.sequence === sequence ? last : await deps.sources.recordsOf(stream).one(stream, sequence);
  if (!record) await find('gap', sequence, { expected: recordHash });
  else if (record.hash !== recordHash)
    await find('fork', sequence, { found: record.hash, expected: recordHash });
}

/** Marks what the trail has and the log has not. Answers whether the trail lacks the last record. */
async function isLacking({ stream, sequence }: EventRecord, reached: number, deps: Walker): Promise<boolean> {
  const taken = await deps.entries.last(stream);
  for (let at = reached + 1; at <= (taken?.sequence ?? 0); at++) {
    const entry = await deps.entries.one(stream, at);
    if (entry) await markEntry(entry, deps);
  }
  return (taken?.sequence ?? 0) < sequence;
}
