import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  CompactRange,
  emptyRoot,
  leafHash,
  nodeHash,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from '../../../shared/tlog/merkle.ts';
import { conformance } from '../../kit/conformance.ts';

type InclusionCase = {
  leafIdx: number;
  treeSize: number;
  root: string;
  leafHash: string;
  proof: string[] | null;
  desc: string;
  wantErr: boolean;
};
type ConsistencyCase = {
  size1: number;
  size2: number;
  root1: string;
  root2: string;
  proof: string[] | null;
  desc: string;
  wantErr: boolean;
};

const bytes = (base64: string) => Uint8Array.from(Buffer.from(base64, 'base64'));

/**
 * Some sizes of the data are negative or beyond 2^53 (a uint64 that wrapped): JSON numbers would round, and a
 * rounded size could hide what the case is about.
 */
function cases<Case>(folder: string): { name: string; data: Case }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      const exact = (_key: string, value: unknown, context?: { source?: string }) =>
        typeof value === 'number' && context?.source !== undefined ? BigInt(context.source) : value;
      return { name, data: JSON.parse(text, exact) as Case };
    });
}

const inclusion = conformance('merkle/inclusion');
const consistency = conformance('merkle/consistency');
const reference = conformance('merkle/rfc6962-reference-tree.json');

describe.skipIf(!inclusion.present)(`inclusion${inclusion.present ? '' : `: ${inclusion.notice}`}`, () => {
  const all = inclusion.present ? cases<InclusionCase>(inclusion.path) : [];

  test('the data is whole', () => {
    expect(all).toHaveLength(98);
  });

  test.each(all)('$name', ({ data }) => {
    const verified = verifyInclusion({
      index: data.leafIdx,
      size: data.treeSize,
      leaf: bytes(data.leafHash),
      proof: (data.proof ?? []).map(bytes),
      root: bytes(data.root),
    });
    expect(verified, data.desc).toBe(!data.wantErr);
  });
});

describe.skipIf(!consistency.present)(
  `consistency${consistency.present ? '' : `: ${consistency.notice}`}`,
  () => {
    const all = consistency.present ? cases<ConsistencyCase>(consistency.path) : [];

    test('the data is whole', () => {
      expect(all).toHaveLength(98);
    });

    test.each(all)('$name', ({ data }) => {
      const verified = verifyConsistency({
        size1: data.size1,
        size2: data.size2,
        root1: bytes(data.root1),
        root2: bytes(data.root2),
        proof: (data.proof ?? []).map(bytes),
      });
      expect(verified, data.desc).toBe(!data.wantErr);
    });
  },
);

describe.skipIf(!reference.present)(
  `the reference tree${reference.present ? '' : `: ${reference.notice}`}`,
  () => {
    const tree = reference.present
      ? (JSON.parse(readFileSync(reference.path, 'utf8')) as {
          leafInputsHex: string[];
          nodeHashesHexByLevel: string[][];
          rootsHexBySize: string[];
        })
      : { leafInputsHex: [], nodeHashesHexByLevel: [], rootsHexBySize: [] };
    const hex = (hash: Uint8Array) => Buffer.from(hash).toString('hex');
    const leaves = tree.leafInputsHex.map((input) => leafHash(Buffer.from(input, 'hex')));

    test('leaves and nodes', () => {
      let level = leaves;
      for (const expected of tree.nodeHashesHexByLevel) {
        expect(level.map(hex)).toEqual(expected);
        level = level.flatMap((left, at) => {
          const right = level[at + 1];
          return at % 2 === 0 && right !== undefined ? [nodeHash(left, right)] : [];
        });
      }
    });

    test('the root of every size, at once and while growing', () => {
      const range = new CompactRange();
      expect(hex(emptyRoot())).toBe(tree.rootsHexBySize[0]);
      expect(hex(range.root())).toBe(tree.rootsHexBySize[0]);
      for (const [at, input] of tree.leafInputsHex.entries()) {
        range.appendBytes(Buffer.from(input, 'hex'));
        expect(hex(range.root())).toBe(tree.rootsHexBySize[at + 1]);
        expect(hex(rootOf(leaves.slice(0, at + 1)))).toBe(tree.rootsHexBySize[at + 1]);
      }
    });
  },
);
