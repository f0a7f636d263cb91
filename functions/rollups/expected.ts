import type { Brief } from '../../shared/store/commitments.ts';
import { awaited } from './group.ts';
import type { Known, Node } from './node.ts';
import { reach } from './reach.ts';
import { contributions } from './tally.ts';

/**
 * The node of each commitment as its events say it has to be, and whether others depend on it.
 * @param since from which of its events a commitment has stood as its dependents know it: the projector's own count.
 */
export function expectedNodes(
  briefs: ReadonlyMap<string, Brief>,
  since: (id: string) => number,
): Map<string, { node: Node; hub: boolean }> {
  const all = contributions(briefs);
  const knownOf = (id: string): Known => {
    const brief = briefs.get(id);
    return { awaited: brief ? awaited(brief.card, brief.head) : null, since: since(id) };
  };
  const dependsOn = (id: string): string[] => briefs.get(id)?.card.dependsOn ?? [];
  const hubs = new Set<string>();
  const nodes = [...briefs].map(([id, { card, head }]) => {
    const reached = reach(id, dependsOn);
    for (const other of reached) hubs.add(other);
    const node: Node = {
      applied: head.version,
      contribution: all.get(id) ?? null,
      awaited: awaited(card, head),
      since: since(id),
      dependencies: Object.fromEntries(reached.map((other) => [other, knownOf(other)])),
      unread: [],
      telling: false,
    };
    return [id, node] as const;
  });
  return new Map(nodes.map(([id, node]) => [id, { node, hub: hubs.has(id) }]));
}
