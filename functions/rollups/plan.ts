import { MAX_ITEMS, type NodeItem, type RollupChange } from '../../shared/store/rollups.ts';
import type { Totals } from './contribution.ts';
import { addTo } from './difference.ts';
import type { Node } from './node.ts';

/** One node's step, with the nodes that were read for it. */
export interface Move {
  was: NodeItem;
  node: Node;
  changes: Totals;
  read: NodeItem[];
  /** Set for a first node. */
  responseId?: string;
}

/** An update expression holds 4 KB: 200 counters with their placeholders stay well below. */
const MAX_COUNTERS = 200;
/** A transaction takes 4 MB. */
const MAX_CHARACTERS = 1_000_000;

/** Gathers steps into one transaction; the differences of all are folded into one addition per group. */
export class Plan {
  readonly #written = new Set<string>();
  readonly #nodes: RollupChange['nodes'] = [];
  /** By id: several steps may have read one node. */
  readonly #read = new Map<string, NodeItem>();
  readonly #registered: RollupChange['registered'] = [];
  #totals: Totals = new Map();
  #characters = 0;

  get isEmpty(): boolean {
    return this.#nodes.length === 0;
  }

  get change(): RollupChange {
    return {
      nodes: this.#nodes,
      read: [...this.#read.values()],
      totals: this.#totals,
      registered: this.#registered,
    };
  }

  /** False where it doesn't fit, or a node would be both read and written: then it has to wait for the next transaction. */
  add({ was, node, changes, read, responseId }: Move): boolean {
    if (this.#written.has(was.id) || this.#read.has(was.id) || read.some((node) => this.#clashes(node)))
      return false;
    const totals: Totals = new Map([...this.#totals].map(([id, counters]) => [id, { ...counters }]));
    addTo(totals, changes);
    const doc = JSON.stringify(node);
    const items =
      this.#nodes.length + this.#read.size + this.#registered.length + totals.size + read.length + 2;
    const full =
      items > MAX_ITEMS ||
      this.#characters + doc.length > MAX_CHARACTERS ||
      [...totals.values()].some((counters) => Object.keys(counters).length > MAX_COUNTERS);
    if (full && !this.isEmpty) return false;
    this.#written.add(was.id);
    this.#nodes.push({ was, doc });
    for (const node of read) this.#read.set(node.id, node);
    if (responseId) this.#registered.push({ responseId, id: was.id });
    this.#totals = totals;
    this.#characters += doc.length;
    return true;
  }

  /** Written here, or read by another step in another state. */
  #clashes({ id, revision }: NodeItem): boolean {
    const known = this.#read.get(id);
    return this.#written.has(id) || (known !== undefined && known.revision !== revision);
  }
}
