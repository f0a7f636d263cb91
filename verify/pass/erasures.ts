import type { Leaf, Visitor } from './leaf.ts';

interface Erasure {
  requestedBy?: string;
  approvedBy?: string;
  /** The text: its stream, sequence and path, as one text. */
  subject: string;
}

const STEPS: Record<string, 'requestedBy' | 'approvedBy'> = {
  'request-erasure': 'requestedBy',
  'approve-erasure': 'approvedBy',
};

/** Which texts may be gone: those whose erasure one person asked for and another approved, both in the log. */
export class Erasures implements Visitor {
  readonly #byId = new Map<string, Erasure>();
  readonly #approved = new Set<string>();

  visit(leaf: Leaf): void {
    const step = leaf.isPlain ? undefined : STEPS[leaf.glance.action];
    if (!step) return;
    const { facts, outcome, target, actor } = leaf.entry;
    if (outcome !== 'success' || target.type !== 'erasure' || facts?.['kind'] !== 'text') return;
    const subject = placeOfText(facts['stream'], facts['sequence'], facts['path']);
    const before = this.#byId.get(target.id);
    const now: Erasure = { ...(before?.subject === subject && before), subject, [step]: actor.id };
    this.#byId.set(target.id, now);
    if (now.requestedBy && now.approvedBy && now.requestedBy !== now.approvedBy) this.#approved.add(subject);
  }

  isApproved(stream: string, sequence: number, path: string): boolean {
    return this.#approved.has(placeOfText(stream, sequence, path));
  }
}

const placeOfText = (stream: unknown, sequence: unknown, path: unknown): string =>
  JSON.stringify([stream, sequence, path]);
