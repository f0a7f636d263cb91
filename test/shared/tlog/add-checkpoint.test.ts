import { describe, expect, test } from 'vitest';
import { formatAddCheckpoint, parseAddCheckpoint } from '../../../shared/tlog/add-checkpoint.ts';

const hash = new Uint8Array(32).fill(5);
const line = Buffer.from(hash).toString('base64');
const checkpoint = 'example.com/log\n7\nroot\n\n— example.com/log AAAA\n';

describe('asking a witness', () => {
  test('the body is as tlog-witness says', () => {
    expect(formatAddCheckpoint({ old: 5, proof: [hash, hash], checkpoint })).toBe(
      `old 5\n${line}\n${line}\n\n${checkpoint}`,
    );
  });

  test('what is written is read back', () => {
    for (const request of [
      { old: 0, proof: [], checkpoint },
      { old: 7, proof: [], checkpoint },
      { old: 5, proof: Array.from({ length: 63 }, () => hash), checkpoint },
    ]) {
      expect(parseAddCheckpoint(formatAddCheckpoint(request))).toEqual({ ok: true, request });
    }
  });

  test.each([
    ['', 'form'],
    [`old 5\n${checkpoint.replace('\n\n', '\n')}`, 'form'],
    ['old 5\n\n', 'form'],
    [`\n\n${checkpoint}`, 'old'],
    [`5\n\n${checkpoint}`, 'old'],
    [`old  5\n\n${checkpoint}`, 'old'],
    [`old 05\n\n${checkpoint}`, 'old'],
    [`old -5\n\n${checkpoint}`, 'old'],
    [`old 5 \n\n${checkpoint}`, 'old'],
    [`old 5\r\n\n${checkpoint}`, 'old'],
    [`Old 5\n\n${checkpoint}`, 'old'],
    [`old 18446744073709551616\n\n${checkpoint}`, 'old'],
    [`old 5\n${line.slice(0, -1)}\n\n${checkpoint}`, 'proof'],
    [`old 5\n${line} \n\n${checkpoint}`, 'proof'],
    [`old 5\nAAAA\n\n${checkpoint}`, 'proof'],
    [`old 0\n${line}\n\n${checkpoint}`, 'proof'],
    [`old 5\n${`${line}\n`.repeat(64)}\n${checkpoint}`, 'proof'],
  ])('refuses %j', (body, reason) => {
    expect(parseAddCheckpoint(body)).toEqual({ ok: false, reason });
  });

  test('what would be refused is not written', () => {
    expect(() => formatAddCheckpoint({ old: -1, proof: [], checkpoint })).toThrow(RangeError);
    expect(() => formatAddCheckpoint({ old: 5, proof: [hash.subarray(1)], checkpoint })).toThrow(RangeError);
    expect(() => formatAddCheckpoint({ old: 0, proof: [hash], checkpoint })).toThrow(RangeError);
  });
});
