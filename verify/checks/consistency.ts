import * as z from 'zod/mini';
import type { About } from '../about.ts';
import type { Folder } from '../folder/folder.ts';
import { jsonOf, linesOf } from '../folder/lines.ts';
import type { Ledger } from '../ledger.ts';
import type { Rebuilt } from '../tree/rebuild.ts';
import { openSigned, type Signed } from './checkpoint-signature.ts';
import type { Trust } from './key.ts';

export const about = {
  name: 'consistency',
  proves:
    'The log of today begins with the log of every earlier checkpoint given here: the one you kept (--since) and those that the log archived. Nothing before them was rewritten, and neither size nor time ever went back.',
  cannot:
    'Without a checkpoint that you kept yourself, a log that was written anew from its first entry on is consistent with itself.',
  means: 'The log was rolled back, rewritten, or there are two histories under one key.',
  todo: 'Keep both checkpoints: two that one key signed and that contradict each other are proof for anybody.',
} as const satisfies About;

/** An earlier checkpoint, and when it was made as far as that is known. */
export interface Earlier {
  where: string;
  size: number;
  root: string;
  /** Milliseconds since 1970, from a witness's signature. */
  witnessedAt: number | null;
  /** Milliseconds since 1970, as the archive says: nobody signed it. */
  toldAt: number | null;
}

const LINE = z.strictObject({
  size: z.int().check(z.gte(0)),
  time: z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)),
  note: z.string(),
});

export function readEarlier(
  folder: Folder,
  since: string | undefined,
  trust: Trust,
  newest: Signed,
  ledger: Ledger,
) {
  const kept =
    since === undefined
      ? null
      : openSigned(since, trust, 'the checkpoint given as --since', ledger, 'consistency');
  const archived = readArchive(folder, trust, ledger);
  const all = [...archived, ...(kept ? [earlier('the checkpoint given as --since', kept, null)] : [])];
  for (const { where, size } of all)
    if (size > newest.checkpoint.size)
      ledger.find(
        'consistency',
        where,
        `it has ${size} entries, the newest checkpoint only ${newest.checkpoint.size}: the log was rolled back`,
      );
  if (since === undefined && archived.length === 0)
    ledger.absent(
      'consistency',
      'no earlier checkpoint was given: keep this one, and give it as --since the next time',
    );
  return { archived, all: all.filter(({ size }) => size <= newest.checkpoint.size) };
}

const earlier = (where: string, { checkpoint, witnessedAt }: Signed, toldAt: number | null): Earlier => ({
  where,
  size: checkpoint.size,
  root: Buffer.from(checkpoint.root).toString('hex'),
  witnessedAt,
  toldAt,
});

function readArchive(folder: Folder, trust: Trust, ledger: Ledger): Earlier[] {
  const archive: Earlier[] = [];
  let furthest: Furthest = { size: -1, witnessedAt: 0, toldAt: 0 };
  for (const line of linesOf(folder, 'checkpoints.jsonl') ?? []) {
    const where = `checkpoints.jsonl, line ${line.at}`;
    const json = jsonOf(line);
    const read = 'fault' in json ? null : LINE.safeParse(json.value);
    if (!read?.success) {
      ledger.find('consistency', where, 'fault' in json ? json.fault : 'is not {size, time, note}');
      continue;
    }
    const { size, time, note } = read.data;
    const signed = openSigned(note, trust, where, ledger, 'consistency');
    if (!signed) continue;
    if (signed.checkpoint.size !== size)
      ledger.find('consistency', where, `says size ${size}, its checkpoint ${signed.checkpoint.size}`);
    const next = earlier(where, signed, Date.parse(time));
    furthest = follow(furthest, next, ledger);
    archive.push(next);
  }
  return archive;
}

/** The largest size and the newest times so far. */
interface Furthest {
  size: number;
  witnessedAt: number;
  toldAt: number;
}

/** Sizes grow, times do not go back. */
function follow(furthest: Furthest, next: Earlier, ledger: Ledger): Furthest {
  const find = (what: string) => ledger.find('consistency', next.where, what);
  if (Number.isNaN(next.toldAt)) find('its time is none');
  if (next.size <= furthest.size) find(`has size ${next.size} behind one of ${furthest.size}`);
  const witnessedAt = next.witnessedAt ?? furthest.witnessedAt;
  const toldAt = next.toldAt || furthest.toldAt;
  if (witnessedAt < furthest.witnessedAt || toldAt < furthest.toldAt) find('is older than one before it');
  return {
    size: Math.max(next.size, furthest.size),
    witnessedAt: Math.max(witnessedAt, furthest.witnessedAt),
    toldAt: Math.max(toldAt, furthest.toldAt),
  };
}

export function judgeConsistency(all: readonly Earlier[], rebuilt: Rebuilt, ledger: Ledger): void {
  for (const { where, size, root } of all) {
    const found = rebuilt.roots.get(size);
    if (found === undefined) ledger.cannot('consistency', `the tree could not be rebuilt to size ${size}`);
    else if (found !== root)
      ledger.find(
        'consistency',
        where,
        `had the root ${root} at size ${size}, the log now has ${found} there`,
      );
  }
  if (all.length > 0) ledger.done('consistency', { checkpoints: all.length });
}
