import type { About } from '../about.ts';

export const about = {
  name: 'entries',
  proves:
    'Every leaf is one entry in the one form that RFC 8785 allows: no key twice, no lone surrogate, nothing before or behind it, no field that is not known, no node of the tree given as a leaf. What one reader sees in it, all see.',
  cannot: 'That what it says is true: see records.',
  means: 'Something other than the product wrote this leaf, or it was written to be read in two ways.',
  todo: 'Look at the bytes of the entry. They were signed for: ask the operator how they came into the log.',
} as const satisfies About;
