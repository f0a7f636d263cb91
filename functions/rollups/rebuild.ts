import { isDeepStrictEqual } from 'node:util';
import type { Log } from '../../shared/runtime/log.ts';
import { inParallel } from '../../shared/runtime/parallel.ts';
import type { Brief, Commitments } from '../../shared/store/commitments.ts';
import type { Events } from '../../shared/store/events.ts';
import { ALL } from '../../shared/store/keys.ts';
import type { Responses } from '../../shared/store/responses.ts';
import type { RollupRepairs } from '../../shared/store/rollup-repairs.ts';
import type { Guard, NodeItem, Rollups } from '../../shared/store/rollups.ts';
import { READS_AT_ONCE } from './at-once.ts';
import type { Totals } from './contribution.ts';
import { difference } from './difference.ts';
import { expectedNodes } from './expected.ts';
import { DIMENSIONS, groupId } from './group.ts';
import { foldAll } from './history.ts';
import { isSettled, type Node, readNode } from './node.ts';
import { Plan } from './plan.ts';
import { Busy, projector } from './projector.ts';
import { tally } from './tally.ts';

export interface RebuildDeps {
  commitments: Pick<Commitments, 'briefs' | 'ofResponse'>;
  responses: Pick<Responses, 'all'>;
  events: Pick<Events, 'all'>;
  rollups: Rollups;
  repairs: RollupRepairs;
  log: Log;
  pause: (milliseconds: number) => Promise<unknown>;
  /** Epoch milliseconds. */
  now: () => number;
}

export interface Rebuilt {
  commitments: number;
  events: number;
  /** Counters, nodes and edges that were not what the events say. */
  drift: number;
}

/** Longer than a request may take, so that the holder never outlives its lease; short, so that a crash holds nobody up for long. */
const LEASE_MS = 40_000;
const LEASE_POLL_MS = 250;
/** Another rebuild may be running; this leaves time for one of our own. */
const LEASE_POLLS = 60;
const AT_ONCE = 50;

/**
 * Rebuilds everything from the event records, compares, and mends what differs. Projections wait meanwhile, while commands go on: each
 * commitment is compared at the event up to which it is applied.
 * @throws Busy where another rebuild holds on, or the lease ran out.
 */
export async function rebuild(deps: RebuildDeps, holder: string): Promise<Rebuilt> {
  await takeLease(deps, holder);
  try {
    return await compareAndMend(deps, () => ({ holder, now: deps.now() }));
  } finally {
    await deps.repairs.release(holder);
  }
}

async function takeLease({ repairs, now, pause }: RebuildDeps, holder: string): Promise<void> {
  for (let poll = 0; poll < LEASE_POLLS; poll++) {
    if (await repairs.lease(holder, now(), now() + LEASE_MS)) return;
    await pause(LEASE_POLL_MS);
  }
  throw new Busy('another rebuild holds the lease');
}

async function compareAndMend(deps: RebuildDeps, guard: () => Guard): Promise<Rebuilt> {
  const { events, rollups, repairs } = deps;
  const responseIds = (await deps.responses.all()).map(({ id }) => id);
  const items = await catchUp(deps, responseIds, guard);
  const nodes = new Map([...items].map(([id, item]) => [id, readNode(item)]));
  const until = [...nodes].map(([id, node]) => ({ id, sequence: node?.applied ?? 0 }));
  const briefs = await foldAll(events, until);
  const expected = expectedNodes(briefs, (id) => nodes.get(id)?.since ?? 0);

  const scopes = new Set([...responseIds, ...[...briefs.values()].map(({ card }) => card.responseId), ALL]);
  const standing = await standingTotals(rollups, [...scopes]);
  const wanted = tally([...expected.values()].flatMap(({ node }) => node.contribution ?? []));
  const wrong = difference(standing, wanted);
  const untidy = [...standing].flatMap(([id, counters]) => (Object.values(counters).includes(0) ? [id] : []));
  const replaced = [...new Set([...wrong.keys(), ...untidy])].map(
    (id) => [id, wanted.get(id) ?? {}] as const,
  );
  if (!(await repairs.replace(replaced, guard()))) throw new Busy('the lease ran out');

  const counters = [...wrong.values()].reduce((sum, each) => sum + Object.keys(each).length, 0);
  const mended = await mendNodes(rollups, items, expected, briefs, guard);
  const edges = await mendEdges(rollups, expected);
  // Nothing was compared in vain only if the lease was held to the end.
  if (!(await repairs.replace([], guard()))) throw new Busy('the lease ran out');
  if (counters + mended + edges > 0) deps.log.error('rollups drifted', { counters, nodes: mended, edges });
  return {
    commitments: briefs.size,
    events: [...briefs.values()].reduce((sum, { head }) => sum + head.version, 0),
    drift: counters + mended + edges,
  };
}

/** Applies what waits, so that nothing is half-way, and answers the node of every commitment. */
async function catchUp(
  { commitments, rollups, repairs, log, pause }: RebuildDeps,
  responseIds: string[],
  guard: () => Guard,
): Promise<Map<string, NodeItem>> {
  const { project } = projector({ commitments, rollups, guard, log, pause });
  const lists = await Promise.all(responseIds.map((id) => commitments.ofResponse(id)));
  const listed = lists.flat().map(({ card }) => card.id);
  const known = new Set<string>();
  const readAll = async (ids: string[]): Promise<NodeItem[]> =>
    (await inParallel(sliced(ids), READS_AT_ONCE, (some) => rollups.nodes(some))).flat();
  let ahead = [...new Set([...listed, ...(await repairs.registered()).map(({ id }) => id)])];
  while (ahead.length > 0) {
    for (const id of ahead) known.add(id);
    // One after the other: they all add to the same totals.
    for (const some of sliced(await behindOf(ahead))) {
      const failed = await project(some);
      if (failed.size > 0) throw new Busy(`${failed.size} commitments could not be brought up to date`);
    }
    const named = (await readAll(ahead)).flatMap((item) => Object.keys(readNode(item)?.dependencies ?? {}));
    ahead = [...new Set(named)].filter((id) => !known.has(id));
  }
  // Only now: what was brought up to date may have told others.
  return new Map((await readAll([...known])).map((item) => [item.id, item]));

  async function behindOf(ids: string[]): Promise<string[]> {
    const read = await inParallel(sliced(ids), READS_AT_ONCE, (some) =>
      Promise.all([commitments.briefs(some), rollups.nodes(some)]),
    );
    return read.flatMap(([briefs, standing]) =>
      standing.flatMap((item) => {
        const version = briefs.get(item.id)?.head.version ?? 0;
        return isSettled(readNode(item), version) ? [] : [item.id];
      }),
    );
  }
}

const sliced = (ids: string[]): string[][] =>
  Array.from({ length: Math.ceil(ids.length / AT_ONCE) }, (_, n) =>
    ids.slice(n * AT_ONCE, (n + 1) * AT_ONCE),
  );

async function standingTotals(rollups: Rollups, scopes: string[]): Promise<Totals> {
  const totals: Totals = new Map();
  for (const scope of scopes)
    await Promise.all(
      DIMENSIONS.map(async (by) => {
        for (const { value, counters } of await rollups.groups(scope, by))
          totals.set(groupId(scope, { by, key: value }), counters);
      }),
    );
  return totals;
}

async function mendNodes(
  rollups: Rollups,
  items: Map<string, NodeItem>,
  expected: Map<string, { node: Node; hub: boolean }>,
  briefs: Map<string, Brief>,
  guard: () => Guard,
): Promise<number> {
  let mended = 0;
  for (const [id, { node, hub }] of expected) {
    const was = items.get(id);
    const brief = briefs.get(id);
    if (!was || !brief || (isDeepStrictEqual(readNode(was), node) && (was.hub || !hub))) continue;
    const plan = new Plan();
    plan.add({
      was: { ...was, hub: was.hub || hub },
      node,
      changes: new Map(),
      read: [],
      responseId: brief.card.responseId,
    });
    if ((await rollups.apply(plan.change, guard())) !== 'applied') throw new Busy('the lease ran out');
    mended += 1;
  }
  return mended;
}

/** Whoever is depended on has to know all that depend on it. */
async function mendEdges(rollups: Rollups, expected: Map<string, { node: Node }>): Promise<number> {
  const dependents = new Map<string, string[]>();
  for (const [id, { node }] of expected)
    for (const other of Object.keys(node.dependencies)) {
      const list = dependents.get(other) ?? [];
      list.push(id);
      dependents.set(other, list);
    }
  const missing = await inParallel([...dependents], READS_AT_ONCE, async ([id, wanted]) => {
    const known = new Set(await rollups.dependentsOf(id));
    return wanted.filter((dependent) => !known.has(dependent)).map((dependent) => ({ id, dependent }));
  });
  for (const { id, dependent } of missing.flat()) await rollups.addDependent(dependent, [id]);
  return missing.flat().length;
}
