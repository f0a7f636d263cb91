import { BackDated } from './checks/back-dated.ts';
import { readCheckpoint, type Signed } from './checks/checkpoint-signature.ts';
import { judgeConsistency, readEarlier } from './checks/consistency.ts';
import { Export, readExport } from './checks/export.ts';
import { Findings } from './checks/findings.ts';
import { readTrust, type Trust } from './checks/key.ts';
import { Late } from './checks/late.ts';
import { Manifests } from './checks/manifests.ts';
import { MergeDelay } from './checks/merge-delay.ts';
import { judgeRecords } from './checks/records.ts';
import { judgeRoot } from './checks/root.ts';
import { judgeRows } from './checks/rows.ts';
import { States } from './checks/states.ts';
import { Streams } from './checks/streams.ts';
import { judgeTiles } from './checks/tiles.ts';
import { judgeSize } from './checks/tree-size.ts';
import { checkQuorum } from './checks/witness-quorum.ts';
import { CHECK_NAMES } from './checks.ts';
import { type Folder, Unreadable } from './folder/folder.ts';
import { Ledger } from './ledger.ts';
import { Erasures } from './pass/erasures.ts';
import type { Visitor } from './pass/leaf.ts';
import { Leaves } from './pass/leaves.ts';
import { LogIndex } from './pass/log-index.ts';
import { readEntries } from './pass/read-entries.ts';
import { Timeline } from './pass/timeline.ts';
import { type Report, reportOf } from './report.ts';
import { rebuildBeside } from './tree/beside.ts';

export interface Options {
  /** What the auditor brought: the text of a key, of a policy, of a checkpoint that was kept. */
  key?: string;
  policy?: string;
  since?: string;
  /** Milliseconds, as all times here. */
  mergeDelay?: number;
  late?: number;
  /** When the records and rows were read, where that is known: what was older then should have had its place in the log. */
  takenAt?: number;
  progress?: (done: number, of: number) => void;
}

const MERGE_DELAY_MS = 60_000;
const LATE_MS = 86_400_000;

/** Verifies a log and what was given with it. Never throws for what the folder holds. */
export async function verify(folder: Folder, options: Options = {}): Promise<Report> {
  const ledger = new Ledger();
  const began = performance.now();
  let size: number | null = null;
  let entries = 0;
  try {
    const trust = readTrust(folder, options, ledger);
    const newest = trust && readCheckpoint(folder, trust, ledger);
    if (trust && newest) {
      size = newest.checkpoint.size;
      entries = await verifyLog(folder, trust, newest, options, ledger);
    }
  } catch (error) {
    // Whatever it was, the rest was not looked at.
    const reason =
      error instanceof Unreadable
        ? error.message
        : `the verifier failed: ${error instanceof Error ? error.message : error}`;
    ledger.cannot('tree-size', reason);
  }
  return reportOf(ledger.results(CHECK_NAMES), {
    size,
    entries,
    seconds: (performance.now() - began) / 1000,
  });
}

/** @returns how many entries were read. */
async function verifyLog(
  folder: Folder,
  trust: Trust,
  newest: Signed,
  options: Options,
  ledger: Ledger,
): Promise<number> {
  const { mergeDelay = MERGE_DELAY_MS, late = LATE_MS, progress = () => {} } = options;
  const { size, root } = newest.checkpoint;
  checkQuorum(newest, trust, ledger);
  const earlier = readEarlier(folder, options.since, trust, newest, ledger);
  const manifest = readExport(folder, ledger);
  const joined = ['records.jsonl', 'rows.jsonl', 'states.jsonl'].some(
    (path) => folder.read(path, 0) !== null,
  );
  const log = joined || folder.names('manifests').length > 0 ? new LogIndex() : null;
  const from = size === 0 || folder.names('tile/entries').length > 0 ? 'entries' : 'tiles';
  const sizes = [
    size,
    ...earlier.all.map((one) => one.size),
    ...(manifest ? [manifest.checkpoint.size] : []),
  ];
  const roots = [...new Set(sizes)].filter((one) => one <= size).sort((one, other) => one - other);
  const rebuilding = rebuildBeside(folder, { size, from, roots, keep: log !== null });

  const timeline = new Timeline(earlier.archived);
  const streams = new Streams(ledger);
  const lateness = new Late(late, ledger);
  const backDated = new BackDated(mergeDelay, timeline, ledger);
  const delay = new MergeDelay(mergeDelay, timeline, ledger);
  const findings = new Findings(ledger);
  const manifests = new Manifests();
  const erasures = new Erasures();
  const exported = manifest && new Export(manifest);
  const visitors: Visitor[] = [
    streams,
    lateness,
    backDated,
    delay,
    findings,
    manifests,
    erasures,
    ...(log ? [log] : []),
    ...(exported ? [exported] : []),
  ];
  let entries = 0;
  if (from === 'entries') {
    entries = readEntries(
      folder,
      size,
      visitors,
      (index, reason) => ledger.find('entries', `entry ${index}`, reason),
      (done) => progress(done, size),
    );
    ledger.done('entries', { entries });
  }

  const rebuilt = await rebuilding;
  judgeSize(size, from, rebuilt, ledger);
  judgeRoot(size, root, from, rebuilt, ledger);
  judgeTiles(rebuilt, ledger);
  judgeConsistency(earlier.all, rebuilt, ledger);
  if (from === 'tiles') {
    for (const check of NEED_ENTRIES) ledger.cannot(check, 'the entries (tile/entries) are not there');
    for (const check of HELD_AGAINST_ENTRIES) ledger.absent(check, 'there are no entries to hold it against');
    return 0;
  }
  for (const one of [streams, lateness, backDated, delay, findings]) one.end();
  const states = new States(folder, ledger);
  if (log) log.setLeafHashes(rebuilt.hashes);
  const madeAt = manifest?.checkpoint.size === size ? Date.parse(manifest.madeAt) || 0 : 0;
  const takenAt = Math.max(options.takenAt ?? 0, newest.witnessedAt ?? 0, manifests.newest, madeAt);
  const settledBefore = takenAt - 2 * mergeDelay;
  manifests.judge(folder, { log: log ?? new LogIndex(), mergeDelay, settledBefore }, ledger);
  const against = { log: log ?? new LogIndex(), erasures, settledBefore };
  const hasRecords = judgeRecords(folder, against, ledger, (record) => states.fold(record));
  if (states.isGiven && !hasRecords)
    ledger.cannot('states', 'states were given without the records (records.jsonl) that give them');
  else states.end(against.log);
  judgeRows(folder, { ...against, size: entries }, ledger);
  exported?.judge(folder, trust, new Leaves(folder, size), rebuilt, ledger);
  return entries;
}

const HELD_AGAINST_ENTRIES = ['merge-delay', 'manifests', 'records', 'states', 'rows', 'export'] as const;
const NEED_ENTRIES = ['tree-size', 'entries', 'streams', 'late', 'back-dated', 'findings'] as const;
