import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeBundle } from '../../../shared/tlog/bundle.ts';
import { openCheckpoint } from '../../../shared/tlog/checkpoint.ts';
import {
  consistencyProof,
  inclusionProof,
  leafHash,
  rootAt,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from '../../../shared/tlog/merkle.ts';
import { growTiles } from '../../../shared/tlog/tile-growth.ts';
import { entriesPath, hashesOf, tilePath, tileReader } from '../../../shared/tlog/tiles.ts';
import { parseVerifierKey } from '../../../shared/tlog/verifier-key.ts';
import { conformance } from '../../kit/conformance.ts';

/** The public key of Tessera's test logs, as its own tests give it. */
const VKEY = 'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx';
const SIZES = Array.from({ length: 16 }, (_, size) => size);

const log = conformance('tlog/tessera-log');
const bytesAt = (path: string) => Uint8Array.from(readFileSync(join(log.present ? log.path : '', path)));

function checkpointAt(name: string) {
  const key = parseVerifierKey(VKEY);
  if (!key.ok) throw new Error(key.reason);
  const opened = openCheckpoint(bytesAt(name), key.key);
  if (!opened.ok) throw new Error(`${name}: ${opened.reason}`);
  return opened.checkpoint;
}

function entriesAt(size: number): Uint8Array[] {
  if (size === 0) return [];
  const decoded = decodeBundle(bytesAt(entriesPath(0, size)), size);
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.entries;
}

const readerAt = (size: number) =>
  tileReader(size, ({ level, n, width }) => bytesAt(tilePath(level, n, width)));

describe.skipIf(!log.present)(`a log that Tessera wrote${log.present ? '' : `: ${log.notice}`}`, () => {
  test('the newest checkpoint is the last of the sixteen', () => {
    expect(checkpointAt('checkpoint')).toEqual(checkpointAt('checkpoint.15'));
  });

  test.each(SIZES)('checkpoint %d verifies against its tile and its entries', async (size) => {
    const checkpoint = checkpointAt(`checkpoint.${size}`);
    expect(checkpoint.size).toBe(size);
    const leaves = entriesAt(size).map(leafHash);
    expect(rootOf(leaves)).toEqual(checkpoint.root);
    expect(await rootAt(size, readerAt(size))).toEqual(checkpoint.root);
    if (size === 0) return;
    const tile = bytesAt(tilePath(0, 0, size));
    expect(hashesOf(tile)).toEqual(leaves);
    expect(growTiles(0, [], leaves).tiles).toEqual([{ level: 0, n: 0, width: size, bytes: tile }]);
  });

  test.each(SIZES)('every entry of checkpoint %d is proven', async (size) => {
    const { root } = checkpointAt(`checkpoint.${size}`);
    for (const [index, entry] of entriesAt(size).entries()) {
      const proof = await inclusionProof(index, size, readerAt(size));
      const claim = { index, size, leaf: leafHash(entry), proof, root };
      expect(verifyInclusion(claim)).toBe(true);
      expect(verifyInclusion({ ...claim, leaf: leafHash(Buffer.concat([entry, Buffer.of(0)])) })).toBe(false);
    }
  });

  test('each checkpoint begins with every one before, and with none of another root', async () => {
    for (const size2 of SIZES.slice(1)) {
      const root2 = checkpointAt(`checkpoint.${size2}`).root;
      for (let size1 = 1; size1 <= size2; size1 += 1) {
        const proof = await consistencyProof(size1, size2, readerAt(size2));
        const root1 = checkpointAt(`checkpoint.${size1}`).root;
        expect(verifyConsistency({ size1, size2, root1, root2, proof })).toBe(true);
        const other = checkpointAt(`checkpoint.${size1 - 1}`).root;
        expect(verifyConsistency({ size1, size2, root1: other, root2, proof })).toBe(false);
      }
    }
  });
});
