import { expect, it } from 'vitest';
import type { Card, Head } from '../../../shared/commitment/state.ts';
import { restore, storeCard, storeHead } from '../../../shared/store/stored-state.ts';

const AT_FIRST = {
  progress: null,
  narrative: null,
  claimedOn: null,
  reportedAt: null,
  evidence: 0,
  extensions: 0,
  amounts: [],
  originalDue: null,
} as unknown as Head;
const card = { id: 'cmt_1', title: 'Train all staff' } as unknown as Card;

it.each<Partial<Head>>([
  {},
  { progress: 0 },
  { progress: 40, narrative: 'It moves.', evidence: 2 },
  { amounts: [{ amount: 100, currency: 'USD', note: null, secured: 0 }] },
  { amounts: [{ amount: 100, currency: 'USD', note: null, secured: 7 }] },
])('gives back %j as it was', (fields) => {
  const head = { ...AT_FIRST, ...fields };
  expect(restore(storeCard({ card, head }), storeHead(head))).toMatchObject({ card, head });
});

it('stores nothing of what is as at first', () => {
  expect(storeHead(AT_FIRST)).toEqual({});
});
