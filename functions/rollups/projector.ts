import type { Log } from '../../shared/runtime/log.ts';
import type { Brief, Commitments } from '../../shared/store/commitments.ts';
import type { Guard, NodeItem, Rollups } from '../../shared/store/rollups.ts';
import { Contention } from '../../shared/store/transaction.ts';
import { advance, blank, isComplete, isSettled, knownOf, learn, type Node, readNode, told } from './node.ts';
import { type Move, Plan } from './plan.ts';
import { reach, withDependencies } from './reach.ts';

export interface ProjectorDeps {
  commitments: Pick<Commitments, 'briefs'>;
  rollups: Pick<Rollups, 'nodes' | 'dependentsOf' | 'addDependent' | 'apply' | 'seenUntil'>;
  guard: () => Guard;
  log: Log;
  /** Waits, in milliseconds. */
  pause: (milliseconds: number) => Promise<unknown>;
}

export interface Projector {
  /** Brings the totals to the state of these commitments; answers the ids for which that has to be tried again. */
  project(ids: readonly string[]): Promise<Set<string>>;
}

/** Somebody else is at it: what was to be done has to come again. */
export class Busy extends Error {
  override name = 'Busy';
}

/** Races lost one after the other before a batch is given back. */
const MAX_LOST = 12;
/** Dependencies read, and dependents told, in one transaction. */
const READ_AT_ONCE = 15;
const TOLD_AT_ONCE = 20;
/** A rebuild ends within the 29 s of its request; a batch has 60 s. */
const LEASE_POLL_MS = 250;
const LEASE_POLLS = 140;

export function projector({ commitments, rollups, guard, log, pause }: ProjectorDeps): Projector {
  async function project(ids: readonly string[]): Promise<Set<string>> {
    const distinct = [...new Set(ids)];
    try {
      await bringAll(distinct);
      return new Set();
    } catch (error) {
      if (error instanceof Busy) {
        log.info('rollups busy', { commitments: distinct.length, reason: error.message });
        return new Set(distinct);
      }
      if (distinct.length === 1) {
        log.error('rollups not brought up to date', { commitment: distinct[0], error });
        return new Set(distinct);
      }
    }
    // One of them stands in the way of the others: each for itself, then.
    const failed = new Set<string>();
    for (const id of distinct) for (const other of await project([id])) failed.add(other);
    return failed;
  }

  async function bringAll(ids: readonly string[]): Promise<void> {
    const newest = new Map<string, string>();
    let waiting = ids;
    for (let lost = 0; waiting.length > 0; ) {
      const [briefs, items] = await Promise.all([commitments.briefs(waiting), rollups.nodes(waiting)]);
      const behind = items.flatMap((item) => {
        const brief = briefs.get(item.id);
        return brief ? [{ item, node: readNode(item), brief }] : [];
      });
      const plan = new Plan();
      const settled = new Map<string, Brief>();
      for (const { item, node, brief } of behind) {
        const { version } = brief.head;
        const move = isSettled(node, version) ? null : await moveOf(item, node, brief);
        if (!move || (plan.add(move) && isSettled(move.node, version))) settled.set(item.id, brief);
      }
      if (plan.isEmpty || (await write(plan))) {
        lost = 0;
        for (const brief of settled.values()) note(newest, brief);
        waiting = behind.flatMap(({ item: { id } }) => (settled.has(id) ? [] : [id]));
      } else lost = await again(lost + 1);
    }
    for (const [responseId, time] of newest) await rollups.seenUntil(responseId, time);
  }

  /** What has to be done next for one commitment. */
  async function moveOf(was: NodeItem, found: Node | null, brief: Brief): Promise<Move> {
    const node = found ?? blank(await meet(brief));
    if (node.applied >= brief.head.version && isComplete({ ...node, telling: false })) {
      await tell(was.id, node);
      return { was, ...told(node), read: [] };
    }
    const read = await rollups.nodes(node.unread.slice(0, READ_AT_ONCE));
    const learned = Object.fromEntries(read.map((item) => [item.id, knownOf(item)]));
    const step = advance(node, brief, learned, was.hub);
    return {
      was,
      ...step,
      // What a partial step read, the next one reads again.
      read: step.node.ahead ? [] : read,
      ...(!found && { responseId: brief.card.responseId }),
    };
  }

  /** A commitment that comes for the first time: all that it depends on have to know of it before it reads them. */
  async function meet({ card }: Brief): Promise<string[]> {
    if (card.dependsOn.length === 0) return [];
    const known = await withDependencies(card.dependsOn, (ids) => commitments.briefs(ids));
    const all = reach(card.id, (id) => (id === card.id ? card : known.get(id)?.card)?.dependsOn ?? []);
    await rollups.addDependent(card.id, all);
    return all;
  }

  /** Tells all dependents what stands in a node; those that have not read it yet will read it themselves. */
  async function tell(id: string, { awaited, since }: Node): Promise<void> {
    const dependents = await rollups.dependentsOf(id);
    for (let from = 0; from < dependents.length; from += TOLD_AT_ONCE) {
      const some = dependents.slice(from, from + TOLD_AT_ONCE);
      for (let lost = 0; ; ) {
        const plan = new Plan();
        for (const was of await rollups.nodes(some)) {
          const node = readNode(was);
          const known = node?.dependencies[id];
          if (node && known && known.since < since)
            plan.add({ was, ...learn(node, id, { awaited, since }), read: [] });
        }
        if (plan.isEmpty) break;
        lost = (await write(plan)) ? 0 : await again(lost + 1);
      }
    }
  }

  /** True when written; false where something was changed meanwhile, so that it has to be read again. */
  async function write({ change }: Plan): Promise<boolean> {
    for (let poll = 0; poll < LEASE_POLLS; poll++) {
      const allowed = guard();
      const applied = await rollups.apply(change, allowed).catch((error: unknown) => {
        if (error instanceof Contention) return 'raced' as const;
        throw error;
      });
      if (applied !== 'leased') return applied === 'applied';
      if (allowed.holder !== undefined) throw new Busy('the lease was lost');
      await pause(LEASE_POLL_MS);
    }
    throw new Busy('the totals are being rebuilt');
  }

  async function again(lost: number): Promise<number> {
    if (lost >= MAX_LOST) throw new Busy(`lost ${lost} races`);
    await pause(Math.random() * 10 * 2 ** Math.min(lost, 6));
    return lost;
  }

  return { project };
}

function note(newest: Map<string, string>, { card, head }: Brief): void {
  const known = newest.get(card.responseId);
  if (!known || known < head.updatedAt) newest.set(card.responseId, head.updatedAt);
}
