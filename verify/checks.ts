import type { About } from './about.ts';
import { about as backDated } from './checks/back-dated.ts';
import { about as checkpointSignature } from './checks/checkpoint-signature.ts';
import { about as consistency } from './checks/consistency.ts';
import { about as entries } from './checks/entries.ts';
import { about as exported } from './checks/export.ts';
import { about as findings } from './checks/findings.ts';
import { about as key } from './checks/key.ts';
import { about as late } from './checks/late.ts';
import { about as manifests } from './checks/manifests.ts';
import { about as mergeDelay } from './checks/merge-delay.ts';
import { about as records } from './checks/records.ts';
import { about as root } from './checks/root.ts';
import { about as rows } from './checks/rows.ts';
import { about as states } from './checks/states.ts';
import { about as streams } from './checks/streams.ts';
import { about as tiles } from './checks/tiles.ts';
import { about as treeSize } from './checks/tree-size.ts';
import { about as witnessQuorum } from './checks/witness-quorum.ts';

/** All checks, in the order in which they are told. */
export const CHECKS = [
  key,
  checkpointSignature,
  witnessQuorum,
  treeSize,
  root,
  tiles,
  consistency,
  entries,
  streams,
  late,
  backDated,
  mergeDelay,
  manifests,
  records,
  states,
  rows,
  exported,
  findings,
] as const satisfies readonly About[];

export type CheckName = (typeof CHECKS)[number]['name'];

export const CHECK_NAMES: readonly CheckName[] = CHECKS.map(({ name }) => name);
