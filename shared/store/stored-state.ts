import type { Card, Commitment, Head } from '../commitment/state.ts';

/**
 * How card and head are stored. An update writes the head, and a write unit is 1 KB: so what a registration fixed (the original due date,
 * the amounts) stands with the card, and the head leaves out what is as it is at first.
 */
export interface StoredCard extends Card {
  originalDue: Head['originalDue'];
  amounts: Omit<Head['amounts'][number], 'secured'>[];
}

export interface StoredHead extends Partial<Omit<Head, 'originalDue' | 'amounts'>> {
  /** Minor units secured, amount by amount; absent while nothing is. */
  secured?: number[];
}

const NOTHING = {
  progress: null,
  narrative: null,
  due: null,
  claimedOn: null,
  reporters: [] as string[],
  reportedAt: null,
  closure: null,
  supersededBy: null,
  evidence: 0,
  extensions: 0,
  occurrences: 0,
} satisfies Partial<Head>;

export function storeCard({ card, head }: Pick<Commitment, 'card' | 'head'>): StoredCard {
  const amounts = head.amounts.map(({ secured: _, ...fixed }) => fixed);
  return { ...card, originalDue: head.originalDue, amounts };
}

export function storeHead({ originalDue: _, amounts, ...head }: Head): StoredHead {
  const kept = Object.entries(head).filter(
    ([name, value]) => !Object.hasOwn(NOTHING, name) || value !== NOTHING[name as keyof typeof NOTHING],
  );
  const secured = amounts.map((amount) => amount.secured);
  return { ...Object.fromEntries(kept), ...(secured.some((sum) => sum > 0) && { secured }) };
}

export function restore(
  { originalDue, amounts, ...card }: StoredCard,
  { secured, ...stored }: StoredHead,
): Pick<Commitment, 'card' | 'head'> {
  const head = {
    ...NOTHING,
    ...stored,
    originalDue,
    amounts: amounts.map((amount, index) => ({ ...amount, secured: secured?.[index] ?? 0 })),
  } as Head;
  return { card, head };
}
