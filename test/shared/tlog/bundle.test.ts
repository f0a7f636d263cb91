import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBundle, encodeBundle } from '../../../shared/tlog/bundle.ts';

const anyEntries = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 256 });

describe('entry bundles', () => {
  test('lengths are big-endian', () => {
    expect([...encodeBundle([new Uint8Array(258).fill(9)])].slice(0, 3)).toEqual([1, 2, 9]);
    expect([...encodeBundle([Uint8Array.of(), Uint8Array.of(7)])]).toEqual([0, 0, 0, 1, 7]);
  });

  test('what is encoded is decoded, and with another count never', () => {
    fc.assert(
      fc.property(anyEntries, fc.integer({ min: 0, max: 257 }), (entries, count) => {
        const bytes = encodeBundle(entries);
        const decoded = decodeBundle(bytes, entries.length);
        expect(decoded.ok && decoded.entries.map((entry) => [...entry])).toEqual(
          entries.map((entry) => [...entry]),
        );
        if (count !== entries.length)
          expect(decodeBundle(bytes, count)).toEqual({ ok: false, reason: 'count' });
      }),
    );
  });

  test('cut anywhere within an entry it is truncated', () => {
    const bytes = encodeBundle([Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5)]);
    for (const length of [1, 2, 3, 4, 6, 7, 8]) {
      expect(decodeBundle(bytes.subarray(0, length), 2)).toEqual({ ok: false, reason: 'truncated' });
    }
    for (const length of [0, 5]) {
      expect(decodeBundle(bytes.subarray(0, length), 2)).toEqual({ ok: false, reason: 'count' });
    }
  });

  test('a byte behind the last entry is refused', () => {
    const bytes = encodeBundle([Uint8Array.of(1, 2, 3)]);
    expect(decodeBundle(Buffer.concat([bytes, Buffer.of(0)]), 1)).toEqual({ ok: false, reason: 'trailing' });
    expect(decodeBundle(Buffer.concat([bytes, Buffer.of(0, 0)]), 1)).toEqual({ ok: false, reason: 'count' });
  });

  test('the longest entry fits, a longer one and an empty or too large bundle do not', () => {
    const longest = new Uint8Array(65_535).fill(1);
    expect(decodeBundle(encodeBundle([longest]), 1)).toEqual({ ok: true, entries: [longest] });
    expect(() => encodeBundle([new Uint8Array(65_536)])).toThrow(RangeError);
    expect(() => encodeBundle([])).toThrow(RangeError);
    expect(() => encodeBundle(Array.from({ length: 257 }, () => Uint8Array.of()))).toThrow(RangeError);
  });
});
