import { CompactRange, completeSubtrees } from '../../shared/tlog/compact-range.ts';
import { HASH_BYTES, writeLeafHash, writeNodeHash } from '../../shared/tlog/hash.ts';
import { hashInTile, TILE_WIDTH } from '../../shared/tlog/tiles.ts';

const TILE_BYTES = TILE_WIDTH * HASH_BYTES;

/** Takes a tile of hashes that is finished; its bytes are used again afterwards. */
export type TileSink = (level: number, n: number, width: number, bytes: Buffer) => void;

interface Level {
  /** How many hashes of this level there are in all. */
  count: number;
  tile: Buffer;
}

/** The right edge of a growing tree, a tile of each level; every tile that gets full goes to the sink. */
export class Levels {
  readonly #levels: Level[] = [];
  readonly #full: TileSink;
  readonly #scratch = Buffer.allocUnsafe(TILE_BYTES);
  #size = 0;

  constructor(full: TileSink) {
    this.#full = full;
  }

  get size(): number {
    return this.#size;
  }

  /** Appends a leaf by its bytes. */
  append(bytes: Uint8Array): void {
    const { count, tile } = this.#level(0);
    writeLeafHash(bytes, tile, (count % TILE_WIDTH) * HASH_BYTES);
    this.#grow(0);
  }

  /** Appends a leaf by its hash. */
  appendHash(hash: Uint8Array): void {
    const { count, tile } = this.#level(0);
    tile.set(hash, (count % TILE_WIDTH) * HASH_BYTES);
    this.#grow(0);
  }

  /** The partial tiles, lowest level first. */
  edge(sink: TileSink): void {
    for (const [level, { count, tile }] of this.#levels.entries()) {
      const width = count % TILE_WIDTH;
      if (width > 0) sink(level, Math.floor(count / TILE_WIDTH), width, tile.subarray(0, width * HASH_BYTES));
    }
  }

  root(): Uint8Array {
    const subtrees = this.#levels
      .toReversed()
      .flatMap(({ count, tile }) =>
        completeSubtrees(0, count % TILE_WIDTH).map(({ level, index }) =>
          hashInTile(tile, index * 2 ** level, 2 ** level),
        ),
      );
    return CompactRange.restore(this.#size, subtrees).root();
  }

  #level(at: number): Level {
    const level = this.#levels[at] ?? { count: 0, tile: Buffer.alloc(TILE_BYTES) };
    this.#levels[at] = level;
    return level;
  }

  #grow(at: number): void {
    const level = this.#level(at);
    level.count += 1;
    if (at === 0) this.#size += 1;
    if (level.count % TILE_WIDTH > 0) return;
    this.#full(at, level.count / TILE_WIDTH - 1, TILE_WIDTH, level.tile);
    const above = this.#level(at + 1);
    this.#hashTile(level.tile).copy(above.tile, (above.count % TILE_WIDTH) * HASH_BYTES, 0, HASH_BYTES);
    this.#grow(at + 1);
  }

  #hashTile(tile: Buffer): Buffer {
    tile.copy(this.#scratch);
    for (let width = TILE_WIDTH; width > 1; width /= 2)
      for (let at = 0; at < width; at += 2)
        writeNodeHash(this.#scratch, at * HASH_BYTES, (at / 2) * HASH_BYTES);
    return this.#scratch;
  }
}
