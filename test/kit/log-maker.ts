import { generateKeyPairSync, hash, type KeyObject, sign } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { encodeBundle } from '../../shared/tlog/bundle.ts';
import { formatCheckpoint } from '../../shared/tlog/checkpoint.ts';
import { CompactRange } from '../../shared/tlog/compact-range.ts';
import { cosign } from '../../shared/tlog/cosignature.ts';
import { leafHash, rootOf } from '../../shared/tlog/merkle.ts';
import { formatSignatureLine, signNote } from '../../shared/tlog/note.ts';
import { COSIGNATURE_V1, ED25519 } from '../../shared/tlog/signed-message.ts';
import type { Signer } from '../../shared/tlog/signer.ts';
import { growTiles, type TileBytes } from '../../shared/tlog/tile-growth.ts';
import { entriesPath, TILE_WIDTH, tilePath } from '../../shared/tlog/tiles.ts';
import { formatVerifierKey } from '../../shared/tlog/verifier-key.ts';
import { encodeEntry } from '../../shared/trail/entry.ts';

export const ORIGIN = 'followthrough.test/audit';
export const WITNESS = 'witness.test/first';

/** Holds a key of its own. */
export function keySigner(key: KeyObject = generateKeyPairSync('ed25519').privateKey): Signer {
  const { x = '' } = key.export({ format: 'jwk' });
  const publicKey = Uint8Array.from(Buffer.from(x, 'base64url'));
  return {
    publicKey: () => Promise.resolve(publicKey),
    sign: (message) => Promise.resolve(Uint8Array.from(sign(null, message, key))),
  };
}

export interface LogKeys {
  log: Signer;
  witness: Signer;
}

export const newKeys = (): LogKeys => ({ log: keySigner(), witness: keySigner() });

export const vkeyOf = async (signer: Signer, name = ORIGIN): Promise<string> =>
  formatVerifierKey(name, ED25519, await signer.publicKey());

/** A policy with one witness, that has to cosign. */
export const policyOf = async ({ log, witness }: LogKeys): Promise<string> =>
  `log ${await vkeyOf(log)}\nwitness first ${formatVerifierKey(WITNESS, COSIGNATURE_V1, await witness.publicKey())}\nquorum first\n`;

/** A signed checkpoint; `witnessedAt` in seconds lets the witness cosign it. */
export async function checkpointOf(
  size: number,
  root: Uint8Array,
  keys: LogKeys,
  witnessedAt: number | null,
  origin = ORIGIN,
): Promise<string> {
  const text = formatCheckpoint({ origin, size, root });
  const note = await signNote(text, origin, keys.log);
  if (witnessedAt === null) return note;
  return `${note}${formatSignatureLine(await cosign(text, WITNESS, witnessedAt, keys.witness))}`;
}

/** Files of a log by their paths: bundles of entries and all tiles that its size asks for. */
export function treeFiles(entries: readonly Uint8Array[]): {
  files: Map<string, Uint8Array>;
  root: Uint8Array;
} {
  const files = new Map<string, Uint8Array>();
  for (let n = 0; n * TILE_WIDTH < entries.length; n += 1) {
    const bundle = entries.slice(n * TILE_WIDTH, (n + 1) * TILE_WIDTH);
    files.set(entriesPath(n, bundle.length), encodeBundle(bundle));
  }
  const hashes = entries.map(leafHash);
  for (const { level, n, width, bytes } of growTiles(0, [], hashes).tiles)
    files.set(tilePath(level, n, width), bytes);
  return { files, root: rootOf(hashes) };
}

/**
 * Writes a log of any length to a folder, bundle by bundle: `entryAt` gives the bytes of each entry. Nothing but the edge of the tree is
 * held in memory.
 */
export async function writeLog(
  folder: string,
  size: number,
  entryAt: (index: number) => Uint8Array,
  keys: LogKeys,
  witnessedAt: number | null = null,
): Promise<void> {
  const put = (path: string, bytes: Uint8Array | string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  };
  const range = new CompactRange();
  let edge: TileBytes[] = [];
  for (let first = 0; first < size; first += TILE_WIDTH) {
    const width = Math.min(TILE_WIDTH, size - first);
    const entries = Array.from({ length: width }, (_, at) => entryAt(first + at));
    put(entriesPath(first / TILE_WIDTH, width), encodeBundle(entries));
    const hashes = entries.map(leafHash);
    range.appendAll(hashes);
    const grown = growTiles(first, edge, hashes);
    // Full ones only: at the end, the edge has the partial ones.
    for (const tile of grown.tiles)
      if (tile.width === TILE_WIDTH) put(tilePath(tile.level, tile.n), tile.bytes);
    edge = grown.edge;
  }
  for (const { level, n, width, bytes } of edge) put(tilePath(level, n, width), bytes);
  put('checkpoint', await checkpointOf(size, range.root(), keys, witnessedAt));
  put('key', `${await vkeyOf(keys.log)}\n`);
}

const padded = (n: number): string => String(n).padStart(26, '0');

/**
 * Entries of progress reported on so many commitments in turn, some 620 bytes each, one every 10 ms: for `writeLog`, which asks for them
 * in order.
 */
export function progressEntries(
  streams: number,
  began = Date.UTC(2026, 10, 24, 10),
): (index: number) => Uint8Array {
  const heads = new Map<string, string>();
  return (index) => {
    const stream = `cmt_${padded(index % streams)}`;
    const sequence = Math.floor(index / streams) + 1;
    const previousHash = heads.get(stream) ?? null;
    const recordHash = hash('sha256', `${stream}/${sequence}`);
    heads.set(stream, recordHash);
    const time = new Date(began + index * 10).toISOString();
    const entry = encodeEntry({
      v: 1,
      stream,
      sequence,
      eventId: `${stream}/${sequence}`,
      commandId: `cmd_${padded(index)}`,
      correlation: `req_${padded(index)}`,
      action: 'report-progress',
      outcome: 'success',
      actor: { id: `psn_${padded(index % 97)}`, role: 'focal-point' },
      observer: 'audit-record',
      target: { type: 'commitment', id: stream },
      claimedAt: time,
      recordedAt: time,
      changes: [{ op: 'replace', path: '/progress', value: index % 100 }],
      recordHash,
      previousHash,
    });
    return Buffer.from(entry);
  };
}
