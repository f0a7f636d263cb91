import { isDeepStrictEqual } from 'node:util';
import type { Brief } from '../../shared/store/commitments.ts';
import type { NodeItem } from '../../shared/store/rollups.ts';
import { type Contribution, contributionOf, expand, type Totals, waitsOf } from './contribution.ts';
import { COUNTER, type Counters } from './counter.ts';
import { difference } from './difference.ts';
import { type Awaited, awaited, type GroupId } from './group.ts';

/** What is applied of one commitment, and what it knows of those it depends on. */
export interface Node {
  /** The sequence of the last event that is applied. */
  applied: number;
  /** What it contributes now. */
  contribution: Contribution | null;
  /** Groups that are ahead of the contribution, where one transaction could not hold them all: what they hold of it. */
  ahead?: Record<GroupId, Counters>;
  /** What its dependents have to know, and since which of its events. */
  awaited: Awaited | null;
  since: number;
  /** What it knows of each commitment that it depends on, directly or not. */
  dependencies: Record<string, Known>;
  /** Those of them that it has not read yet. */
  unread: string[];
  /** Whether dependents may still have to learn what changed. */
  telling: boolean;
}

export interface Known {
  awaited: Awaited | null;
  since: number;
}

/** A node's next document, and what that changes in the totals. */
export interface Step {
  node: Node;
  changes: Totals;
}

/** Groups that one step may touch: a commitment may be in more of them than a transaction holds. */
const MAX_GROUPS = 80;

export const readNode = ({ doc }: NodeItem): Node | null => (doc === null ? null : (JSON.parse(doc) as Node));

export const blank = (unread: string[]): Node => ({
  applied: 0,
  contribution: null,
  awaited: null,
  since: 0,
  dependencies: {},
  unread,
  telling: false,
});

/** Whether everything up to `version` is in the totals, and known to those who depend on it. */
export const isSettled = (node: Node | null, version: number): boolean =>
  node !== null && node.applied >= version && isComplete(node);

export const isComplete = ({ unread, telling, ahead }: Node): boolean =>
  unread.length === 0 && !telling && ahead === undefined;

/** What is known of a commitment, from its node. */
export const knownOf = (item: NodeItem): Known => {
  const node = readNode(item);
  return { awaited: node?.awaited ?? null, since: node?.since ?? 0 };
};

/**
 * Brings a node to the state of its commitment.
 * @param learned what was read meanwhile of those it depends on.
 */
export function advance(
  node: Node,
  { card, head }: Brief,
  learned: Record<string, Known>,
  hub: boolean,
): Step {
  const dependencies = { ...node.dependencies, ...learned };
  const unread = node.unread.filter((id) => !(id in learned));
  const own = awaited(card, head);
  const changed = !isDeepStrictEqual(own, node.awaited);
  const telling = node.telling || (hub && changed);
  const contribution = contributionOf(card, head, standing(dependencies));
  const next: Node = {
    applied: head.version,
    contribution,
    awaited: own,
    since: changed ? head.version : node.since,
    dependencies,
    unread,
    telling,
  };
  return toward(node, isComplete(next) ? next : uncounted(next, node));
}

/** A dependent learns what changed of one that it depends on. */
export const learn = (node: Node, id: string, known: Known): Step =>
  toward(node, waitingAnew({ ...node, dependencies: { ...node.dependencies, [id]: known } }));

/** All dependents have learned: its events count as applied. */
export function told(node: Node): Step {
  const next = { ...node, telling: false };
  const { contribution, applied } = next;
  return toward(node, {
    ...next,
    contribution: contribution && {
      ...contribution,
      events: isComplete(next) ? applied : contribution.events,
    },
  });
}

function waitingAnew(node: Node): Node {
  const { contribution } = node;
  return {
    ...node,
    contribution: contribution && {
      ...contribution,
      ...waitsOf(node.awaited, standing(node.dependencies)),
    },
  };
}

/** Events count only when all that follows from them stands in the totals. */
const uncounted = (next: Node, node: Node): Node => ({
  ...next,
  contribution: next.contribution && { ...next.contribution, events: node.contribution?.events ?? 0 },
});

/** The step from a node to what it has to be, or as much of it as one transaction holds. */
function toward(node: Node, next: Node): Step {
  const { ahead: _, ...complete } = next;
  const applied = new Map([...expand(node.contribution), ...Object.entries(node.ahead ?? {})]);
  const wanted = expand(next.contribution);
  const changes = difference(applied, wanted);
  if (changes.size <= MAX_GROUPS) return { node: complete, changes };
  // Events count last: a reader who sees them sees all that they changed.
  const last = [...changes].sort(([, a], [, b]) => Number(COUNTER.events in a) - Number(COUNTER.events in b));
  const some = new Map(last.slice(0, MAX_GROUPS));
  const ahead = { ...node.ahead };
  for (const id of some.keys()) ahead[id] = wanted.get(id) ?? {};
  return { node: { ...node, ahead }, changes: some };
}

const standing = (dependencies: Record<string, Known>): Awaited[] =>
  Object.values(dependencies).flatMap(({ awaited }) => awaited ?? []);
