import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, isCanonical } from '../../../shared/record/canonical.ts';
import { decodeAnyEntry, decodeEntry, encodeEntry } from '../../../shared/trail/entry.ts';
import { glance, glanceOf, isPlainEntry } from '../../../shared/trail/entry-shape.ts';
import { entryOf } from '../../../shared/trail/of-record.ts';
import { everyType } from '../../kit/every-type.ts';
import { chained } from '../../kit/records.ts';

const texts = chained('cmt_1', everyType).map((record) =>
  encodeEntry(entryOf(record, '2026-11-24T12:00:00.000Z')),
);

const slowlyCanonical = (parsed: unknown, text: string): boolean => {
  try {
    return canonical(parsed) === text;
  } catch {
    return false;
  }
};

const parsedOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Pieces that tempt a reader of JSON. */
const piece = fc.constantFrom(
  ...[
    '"',
    '\\',
    '\\ud800',
    '\\u0041',
    '\\/',
    '\u007f',
    'é',
    '\ud800',
    ' ',
    '\n',
    '0',
    '-',
    '.0',
    '1e3',
    'null',
    '{}',
  ],
  ...[
    ',',
    ':',
    '"a":1,',
    '"v":1',
    '[]',
    '"n":',
    '"value":',
    '"op":"add"',
    'Z',
    'A',
    '"sequence":',
    '9007199254740993',
  ],
);

/** One of the texts with a part of it exchanged. */
const altered = fc
  .tuple(fc.constantFrom(...texts), fc.nat(1000), fc.nat(12), fc.oneof(piece, fc.constant('')))
  .map(([text, at, length, put]) => {
    const from = at % text.length;
    return text.slice(0, from) + put + text.slice(from + length);
  });

describe('reading an entry', () => {
  it('takes what was written, most of it by its shape', () => {
    for (const text of texts) expect(decodeEntry(text)).toEqual({ entry: JSON.parse(text) });
    expect(texts.filter((text) => isPlainEntry(text)).length).toBeGreaterThan(texts.length / 2);
  });

  it('sees at a glance what is in it', () => {
    for (const text of texts) {
      const seen = glance(text);
      if (isPlainEntry(text)) expect(seen).toEqual(glanceOf(JSON.parse(text)));
      else expect(seen).toBeNull();
    }
  });

  it('judges by the shape as by the schema', () => {
    fc.assert(
      fc.property(altered, (text) => {
        expect(decodeEntry(text)).toEqual(decodeAnyEntry(text));
      }),
      { numRuns: 20_000 },
    );
  });

  it.each([
    ['a key twice', (text: string) => text.replace('"v":1', '"v":1,"v":1')],
    ['a lone surrogate', (text: string) => text.replace('per_worker', 'per_\\ud800')],
    ['a lone surrogate as it is', (text: string) => text.replace('per_worker', 'per_\ud800')],
    ['an escape without need', (text: string) => text.replace('per_worker', 'per_\\u0077orker')],
    ['a byte after the end', (text: string) => `${text}\n`],
    ['a byte before the beginning', (text: string) => ` ${text}`],
    ['a byte order mark', (text: string) => `\ufeff${text}`],
    ['an unknown key', (text: string) => text.replace('"v":1', '"v":1,"w":1')],
    ['keys in another order', (text: string) => text.replace(/^\{("action":"[^"]+"),(.*)\}$/, '{$2,$1}')],
    ['a number written in another way', (text: string) => text.replace('"v":1', '"v":1.0')],
    ['another version', (text: string) => text.replace('"v":1', '"v":2')],
  ])('refuses %s', (_, change) => {
    for (const text of texts) {
      const changed = change(text);
      expect(changed).not.toBe(text);
      expect(decodeEntry(changed)).toHaveProperty('reason');
    }
  });
});

describe('the RFC 8785 form', () => {
  const json = fc.oneof(
    fc.json(),
    fc.jsonValue().map((value) => canonical(value)),
    fc
      .dictionary(fc.oneof(fc.string(), fc.nat(30).map(String)), fc.jsonValue())
      .map((value) => canonical(value)),
    altered,
  );

  it('is told quickly as it is told by writing it', () => {
    fc.assert(
      fc.property(json, (text) => {
        const parsed = parsedOf(text);
        expect(isCanonical(parsed, text)).toBe(slowlyCanonical(parsed, text));
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    '{"10":1,"9":2}',
    '{"9":1,"10":2}',
    '"\\ud800"',
    '"\\\\ud800"',
    '-0',
    '1e21',
    '1E21',
    '{"__proto__":1,"a":2}',
  ])('of %s', (text) =>
    expect(isCanonical(JSON.parse(text), text)).toBe(slowlyCanonical(JSON.parse(text), text)),
  );
});
