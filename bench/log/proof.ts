import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { proveEntry } from '../../functions/audit/ask/prove-entry.ts';
import { leafHash } from '../../shared/tlog/merkle.ts';
import { parsePolicy } from '../../shared/tlog/policy.ts';
import { verifyProof } from '../../shared/tlog/proof.ts';
import { callOf } from '../../test/kit/call.ts';
import type { Measure } from '../measure.ts';
import { type Row, row } from '../row.ts';
import { interleave, percentile, ratios } from '../spread.ts';
import { type MadeLog, makeLog } from './made-log.ts';
import { bytesAt } from './made-trail.ts';

const SIZES = [1000, 100_000, 1_000_000];
const PROOFS = 40;

interface Proved {
  /** Of one proof with its checkpoint, signatures included. */
  bytes: number;
  /** Milliseconds of one. */
  made: number;
  verified: number;
}

/** Proofs that single entries are in the log: their size, and what it takes to make and to verify one. */
export const logProof: Measure = async ({ quick, say }) => {
  const sizes = quick ? SIZES.slice(0, 1).concat(10_000) : SIZES;
  const logs = new Map<number, MadeLog>();
  try {
    for (const size of sizes) {
      say(`writing a log of ${size.toLocaleString('en')} entries`);
      logs.set(size, await makeLog(size));
    }
    const variants = Object.fromEntries(
      [...logs].map(([size, log]) => [String(size), () => proveSome(log, size)]),
    );
    say(`making and verifying ${PROOFS} proofs a round`);
    await interleave(1, variants);
    const found = await interleave(quick ? 3 : 15, variants);
    return sizes.flatMap((size) => rowsOf(size, found[String(size)] ?? [], found[String(SIZES[0])] ?? []));
  } finally {
    for (const log of logs.values()) log.remove();
  }
};

/** Proofs of entries all over the log; the medians of their sizes and times. */
async function proveSome({ folder, checkpoint, policy: text }: MadeLog, size: number): Promise<Proved> {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error('the policy can not be read');
  const prove = proveEntry({
    trail: {
      checkpoints: {
        newest: async () => ({ size, root: '', time: null, note: checkpoint }),
        at: none,
        within,
      },
    },
    objects: { get: (path) => readFile(join(folder, path)) },
  });
  const [bytes, made, verified]: [number[], number[], number[]] = [[], [], []];
  for (let n = 0; n < PROOFS; n++) {
    const index = Math.floor(Math.random() * size);
    const leaf = leafHash(Buffer.from(bytesAt(index)));
    let began = performance.now();
    const { status, body } = await prove(callOf('/', { params: { index: String(index) } }));
    made.push(performance.now() - began);
    if (status !== 200) throw new Error(`a proof was answered ${status}`);
    began = performance.now();
    const proof = verifyProof(String(body), leaf, parsed.policy);
    verified.push(performance.now() - began);
    if (!proof.ok || proof.index !== index) throw new Error('a proof does not hold');
    bytes.push(Buffer.byteLength(String(body)));
  }
  const [size50, made50, verified50] = [bytes, made, verified].map((list) => percentile(list, 50));
  return { bytes: size50 ?? 0, made: made50 ?? 0, verified: verified50 ?? 0 };
}

const none = async () => undefined;
const within = async () => ({ lo: 0, hi: 0 });

function rowsOf(size: number, found: readonly Proved[], floor: readonly Proved[]): Row[] {
  const of = `of one in ${size.toLocaleString('en')}`;
  const least = SIZES[0]?.toLocaleString('en');
  const compare = (name: string, unit: string, pick: (proved: Proved) => number): Row =>
    row({
      name,
      unit,
      figures: found.map(pick),
      ...(size !== SIZES[0] && {
        floor: { name: `${unit}, of one in ${least}`, values: floor.map(pick) },
        ratios: ratios(found.map(pick), floor.map(pick)),
      }),
    });
  return [
    compare(`proof ${of}`, 'bytes', ({ bytes }) => bytes),
    compare(`making a proof ${of}`, 'ms', ({ made }) => made),
    compare(`verifying a proof ${of}`, 'ms', ({ verified }) => verified),
  ];
}
