import { createHash } from 'node:crypto';
import type { ExportPart } from '../../../shared/store/export-job.ts';

/** What was read again is not what was written. */
export class Damaged extends Error {
  override name = 'Damaged';
}

/**
 * SHA-256 of an object, hexadecimal, read again after it was written: each of its parts has to be the one that was sent. `each` is
 * called now and then.
 * @throws Damaged
 */
export async function hashOf(
  object: AsyncIterable<Uint8Array>,
  sent: readonly Pick<ExportPart, 'n' | 'bytes' | 'sha256'>[],
  each: () => Promise<void>,
): Promise<string> {
  const whole = createHash('sha256');
  const parts = sent[Symbol.iterator]();
  let part = parts.next().value;
  let own = createHash('sha256');
  let left = part?.bytes ?? 0;
  for await (const read of object) {
    whole.update(read);
    for (let at = 0; at < read.length; ) {
      const taken = read.subarray(at, at + left);
      if (taken.length === 0) throw new Damaged('it is longer than what was sent');
      own.update(taken);
      at += taken.length;
      left -= taken.length;
      if (left > 0) break;
      if (own.digest('hex') !== part?.sha256)
        throw new Damaged(`part ${part?.n} is not the one that was sent`);
      own = createHash('sha256');
      part = parts.next().value;
      left = part?.bytes ?? 0;
    }
    await each();
  }
  if (part) throw new Damaged('it is shorter than what was sent');
  return whole.digest('hex');
}
