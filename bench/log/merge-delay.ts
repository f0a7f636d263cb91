import { Agent } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { readCheckpoint } from '../../verify/checks/checkpoint-signature.ts';
import { readEarlier } from '../../verify/checks/consistency.ts';
import { readTrust } from '../../verify/checks/key.ts';
import { diskFolder } from '../../verify/folder/disk.ts';
import { Ledger } from '../../verify/ledger.ts';
import { mirrored } from '../../verify/mirror/source.ts';
import type { Leaf, Visitor } from '../../verify/pass/leaf.ts';
import { readEntries } from '../../verify/pass/read-entries.ts';
import { Timeline } from '../../verify/pass/timeline.ts';
import { verify } from '../../verify/verify.ts';
import { drive, findWriters, sendUpdate, type Writer } from '../load.ts';
import type { Measure } from '../measure.ts';
import { row } from '../row.ts';
import { percentile } from '../spread.ts';
import { type BenchSystem, startBenchSystem } from '../system.ts';

const PER_SECOND = 5;
const WRITERS = 20;
/** Milliseconds that an entry may wait here. */
const BOUND_MS = 5000;

/** From when an entry is recorded until a witness has seen it in a checkpoint, as the verifier measures it on a running system. */
export const mergeDelay: Measure = async ({ quick, say }) => {
  say('starting the system');
  const system = await startBenchSystem();
  try {
    const token = await system.ask('token', 'coordinator');
    const writers = await findWriters(system.url, WRITERS);
    await drive(system.url, token, writers.slice(0, 4), quick ? 3000 : 15_000);
    say(`warmed; consumers caught up after ${Math.round(await system.caughtUp())} ms`);
    const rounds: Delays[] = [];
    const milliseconds = quick ? 10_000 : 40_000;
    for (let n = 0; n < (quick ? 1 : 3); n++) {
      say(`${PER_SECOND} updates a second for ${milliseconds / 1000} s`);
      const since = Date.now();
      await pace(system, token, writers, milliseconds);
      await system.caughtUp();
      rounds.push(await measure(system, since));
    }
    return CLOCKS.flatMap(({ clock, name }) =>
      [50, 99, 100].map((p) =>
        row({
          name: `merge delay by ${name}, ${p === 100 ? 'the longest' : `p${p}`}`,
          unit: 'ms',
          figures: rounds.map((round) => percentile(round[clock], p)),
          ...(p === 100 && { target: { of: 'figure', is: 'at most', value: BOUND_MS } }),
          ...(p === 50 && { note: `${rounds.flatMap((round) => round[clock]).length} entries` }),
          ...(p === 100 &&
            clock === 'witnessed' && {
              note: `the verifier of the whole log, the load of the sample included: ${rounds.at(-1)?.verdict}`,
            }),
        }),
      ),
    );
  } finally {
    await system.stop();
  }
};

/** Sends updates at an even pace, whatever the answers take. */
async function pace(
  { url }: BenchSystem,
  token: string,
  writers: readonly Writer[],
  milliseconds: number,
): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  const began = performance.now();
  const all: Promise<unknown>[] = [];
  for (let index = 0; index < (milliseconds / 1000) * PER_SECOND; index++) {
    await wait(Math.max(0, began + (index * 1000) / PER_SECOND - performance.now()));
    all.push(sendUpdate(agent, url, token, writers[index % writers.length] as Writer));
  }
  await Promise.all(all);
  agent.destroy();
}

/** A witness signs whole seconds, rounded down; what the log tells is the time at which the batch was put together. */
const CLOCKS = [
  { clock: 'witnessed', name: 'the witness' },
  { clock: 'told', name: "the log's own time" },
] as const;

interface Delays {
  /** Milliseconds of each entry, by the witness and by what the log tells. */
  witnessed: number[];
  told: number[];
  /** What the check of the verifier says, with the bound of a local system. */
  verdict: string;
}

/** Mirrors the system as an auditor does; the delays of all entries that were recorded from a time on. */
async function measure(system: BenchSystem, since: number): Promise<Delays> {
  const token = await system.ask('token', 'auditor');
  const { target, options } = await mirrored(system.url, { token, save: undefined }, () => {});
  try {
    const folder = diskFolder(target.place);
    const { checks } = await verify(folder, { ...options, mergeDelay: BOUND_MS });
    const check = checks.find((one) => one.check === 'merge-delay');
    const failed = checks.filter(({ status, check: name }) => status === 'finding' && name !== 'merge-delay');
    if (failed.length > 0)
      throw new Error(`the verifier found ${JSON.stringify(failed.map(({ findings }) => findings[0]))}`);

    const ledger = new Ledger();
    const trust = readTrust(folder, {}, ledger);
    const newest = trust && readCheckpoint(folder, trust, ledger);
    if (!trust || !newest) throw new Error('the log has no checkpoint');
    const { archived } = readEarlier(folder, undefined, trust, newest, ledger);
    const delays = new DelaysOf(new Timeline(archived), since);
    const wrong = (index: number, reason: string) => {
      throw new Error(`entry ${index} ${reason}`);
    };
    readEntries(folder, newest.checkpoint.size, [delays], wrong, () => {});
    const { witnessed, told } = delays;
    return { witnessed, told, verdict: `${check?.status}, at most ${check?.counts['most']}` };
  } finally {
    target.end();
  }
}

class DelaysOf implements Visitor {
  readonly witnessed: number[] = [];
  readonly told: number[] = [];
  readonly #timeline: Timeline;
  readonly #since: number;

  constructor(timeline: Timeline, since: number) {
    this.#timeline = timeline;
    this.#since = since;
  }

  visit({ index, recordedAt }: Leaf): void {
    const seen = this.#timeline.covering(index);
    if (seen === null || recordedAt < this.#since) return;
    if (!seen.witnessed) throw new Error(`no witness cosigned ${seen.where}`);
    this.witnessed.push(seen.at - recordedAt);
    this.told.push(seen.toldAt - recordedAt);
  }
}
