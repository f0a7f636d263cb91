import { MANIFESTS_STREAM } from '../../../shared/record/streams.ts';
import { latest } from '../../../shared/runtime/clock.ts';
import type { AuditEntries } from '../../../shared/store/audit-entries.ts';
import type { Batch, LogBatches } from '../../../shared/store/log-batches.ts';
import { type LogObjects, manifestPath } from '../../../shared/store/log-objects.ts';
import type { ManifestSummary } from '../../../shared/trail/entry.ts';
import { formatManifest, manifestEntry, type StreamHead, summarise } from '../../../shared/trail/manifest.ts';
import { takeEntry } from '../record/record-entry.ts';
import { type Walker, walkStreams } from './manifest-walk.ts';

export interface Manifesting extends Walker {
  entries: Pick<AuditEntries, 'put' | 'last' | 'one'>;
  batches: Pick<LogBatches, 'from'>;
  objects: LogObjects;
}

/** What the log did since the last manifest, and the days on which something was recorded in it. */
interface Since {
  logSize: number;
  batches: number;
  maxDelayMs: number;
  days: Set<string>;
}

const DAY_MS = 86_400_000;
const PAGE = 500;

/** Counts the streams, once a day: the first run of a day does. Days that nobody counted are made up for. Answers the days. */
export async function countDay(deps: Manifesting): Promise<string[]> {
  const today = deps.clock().slice(0, 10);
  const last = await lastManifest(deps);
  if (last && last.day >= today) return [];
  const heads = await walkStreams(deps);
  const since = await lookSince(last?.logSize ?? 0, deps);
  const days = [...since.days].filter((day) => day < today && day > (last?.day ?? '')).sort();
  for (const day of [...days, today]) await putFile(day, heads, deps);

  // Another run may have put a file and stopped before its entry.
  const counted: string[] = [];
  for await (const path of deps.objects.list(manifestPath(''), manifestPath(last?.day ?? ''))) {
    const day = path.slice(manifestPath('').length);
    if (await putEntry(day, since, deps)) counted.push(day);
  }
  return counted;
}

async function lastManifest({ entries }: Manifesting): Promise<ManifestSummary | undefined> {
  return (await entries.last(MANIFESTS_STREAM))?.manifest;
}

async function lookSince(index: number, { batches }: Manifesting): Promise<Since> {
  const since: Since = { logSize: index, batches: 0, maxDelayMs: 0, days: new Set() };
  for (let page: Batch[] = []; ; ) {
    page = await batches.from(since.logSize, PAGE);
    for (const { size, time, maxRecordedAt, delayMs } of page) {
      since.logSize = size;
      since.batches += 1;
      since.maxDelayMs = Math.max(since.maxDelayMs, delayMs);
      for (let at = Date.parse(time) - delayMs; at < Date.parse(maxRecordedAt); at += DAY_MS)
        since.days.add(dayOf(at));
      since.days.add(maxRecordedAt.slice(0, 10));
    }
    if (page.length < PAGE) return since;
  }
}

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** The first file of a day stands. */
async function putFile(day: string, heads: readonly StreamHead[], { objects }: Manifesting): Promise<void> {
  await objects.putNew(
    manifestPath(day),
    Buffer.from(formatManifest(heads)),
    'application/jsonl; charset=utf-8',
  );
}

/** Puts the entry of a day's file behind those of the days before. False where it stands. */
async function putEntry(
  day: string,
  { logSize, batches, maxDelayMs }: Since,
  deps: Manifesting,
): Promise<boolean> {
  const file = Buffer.from((await deps.objects.get(manifestPath(day))) ?? []).toString();
  const summary = { day, ...summarise(file), logSize, batches, maxDelayMs };
  for (;;) {
    const last = await deps.entries.last(MANIFESTS_STREAM);
    if (last?.manifest && last.manifest.day >= day) return false;
    const place = {
      stream: MANIFESTS_STREAM,
      sequence: (last?.sequence ?? 0) + 1,
      recordedAt: latest(deps.clock(), last?.recordedAt ?? ''),
    };
    if ((await takeEntry(manifestEntry(summary, place), deps)) === null) return true;
  }
}
