import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** How far a mapping has come in each shard of its stream. */
export interface Positions {
  /** Sequence number of the last record that is done with, or undefined before the first. */
  of(shardId: string): string | undefined;
  isFinished(shardId: string): boolean;
  save(shardId: string, sequence: string): void;
  finish(shardId: string): void;
  /** Forgets shards that the stream no longer has. */
  keepOnly(shardIds: ReadonlySet<string>): void;
  /** When this mapping first read its stream, ms since 1970. */
  startedAt: number;
}

interface Stored {
  streamArn: string;
  startedAt: number;
  shards: Record<string, { sequence?: string; finished?: boolean }>;
}

/**
 * Keeps positions in one small file, replaced as a whole after each batch: whenever the host dies, the file
 * holds a position at which everything before it is done.
 */
export function openPositions(dataDir: string, mappingId: string, streamArn: string): Positions {
  const path = join(dataDir, 'positions', `${mappingId}.json`);
  mkdirSync(dirname(path), { recursive: true });
  const stored = readStored(path, streamArn) ?? { streamArn, startedAt: Date.now(), shards: {} };
  write();

  function write(): void {
    writeFileSync(`${path}.new`, JSON.stringify(stored));
    renameSync(`${path}.new`, path);
  }

  return {
    startedAt: stored.startedAt,
    of: (shardId) => stored.shards[shardId]?.sequence,
    isFinished: (shardId) => stored.shards[shardId]?.finished === true,
    save(shardId, sequence) {
      stored.shards[shardId] = { sequence };
      write();
    },
    finish(shardId) {
      stored.shards[shardId] = { ...stored.shards[shardId], finished: true };
      write();
    },
    keepOnly(shardIds) {
      const gone = Object.keys(stored.shards).filter((shardId) => !shardIds.has(shardId));
      for (const shardId of gone) delete stored.shards[shardId];
      if (gone.length > 0) write();
    },
  };
}

/** A position in another stream (the table was made anew) is worth nothing. */
function readStored(path: string, streamArn: string): Stored | undefined {
  try {
    const stored = JSON.parse(readFileSync(path, 'utf8')) as Stored;
    return stored.streamArn === streamArn ? stored : undefined;
  } catch {
    return undefined;
  }
}
