import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVENT_TYPES, type Event, type Happened, TEXTS } from '../../../shared/commitment/event.ts';
import { canonical } from '../../../shared/record/canonical.ts';
import { type EventRecord, type Hashed, open, seal, textHash } from '../../../shared/record/event-record.ts';
import { conformance } from '../../kit/conformance.ts';
import { everyType } from '../../kit/every-type.ts';
import { placed } from '../../kit/given.ts';

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');

let drawn = 0;
const salt = () => Buffer.from(String(++drawn).padStart(16, '0')).toString('base64url');
const sealed = (happened: Happened, previousHash: string | null = null): EventRecord =>
  seal(happened, place(happened), previousHash, salt);
const place = (happened: Happened): Event => placed([happened])[0] as Event;
const narrated = (narrative: string): Happened => ({
  type: EVENT_TYPES.progressReported,
  data: { narrative },
});

describe('a record', () => {
  it.each(everyType)('opens to what was sealed: $type', (happened) => {
    const record = sealed(happened);
    expect(open(record)).toEqual(place(happened));
    expect(record.hash).toBe(sha256(Buffer.from(record.bytes, 'utf8')));
    expect(canonical(JSON.parse(record.bytes))).toBe(record.bytes);
  });

  it('is tried for every type there is', () => {
    expect(everyType.map(({ type }) => type).sort()).toEqual(Object.values(EVENT_TYPES).sort());
  });

  it.each(everyType)('holds no free text in its bytes: $type', (happened) => {
    const { bytes, texts } = sealed(happened);
    const found = Object.values(texts).map(([text]) => text);
    for (const text of found) expect(bytes).not.toContain(text);
    // Every text of the samples is marked, so a text that was overlooked shows.
    expect(bytes).not.toContain('free text');
    expect(JSON.stringify(happened).match(/free text/g)?.length ?? 0).toBe(found.length);
    expect(found.length > 0).toBe(TEXTS[happened.type].length > 0);
  });

  it('holds no narrative in its bytes, whatever it is', () => {
    const { bytes: frame } = sealed(narrated(''));
    const narrative = fc.string({ unit: 'grapheme', minLength: 4, maxLength: 60 });
    fc.assert(
      fc.property(narrative, (text) => {
        fc.pre(!frame.includes(text) && !/^[0-9a-f]+$/.test(text));
        const record = sealed(narrated(text));
        expect(record.bytes).not.toContain(text);
        expect(record.bytes).not.toContain(JSON.stringify(text).slice(1, -1));
        expect(open(record).data).toEqual({ narrative: text });
      }),
    );
  });

  it.each(everyType)('proves the same after each of its texts was redacted: $type', (happened) => {
    const record = sealed(happened);
    const kept = structuredClone(record.texts);
    for (const path of Object.keys(record.texts)) {
      const { [path]: _, ...texts } = kept;
      const redacted = open({ ...record, texts });
      expect(valueAt(redacted.data, path)).toBeNull();
      for (const other of Object.keys(texts)) expect(valueAt(redacted.data, other)).toBe(kept[other]?.[0]);
    }
    const bare = open({ ...record, texts: {} });
    expect(JSON.stringify(bare)).not.toContain('free text');
    expect(sha256(record.bytes)).toBe(record.hash);
  });

  it('proves each text that is still there', () => {
    const record = sealed(narrated('Nineteen staff were trained.'));
    const [text, drawn] = record.texts['narrative'] ?? ['', ''];
    const hashed = JSON.parse(record.bytes) as Hashed;
    const expected = sha256(Buffer.concat([Buffer.from(drawn, 'base64url'), Buffer.from(text)]));
    expect(hashed.data).toEqual({ narrative: { sha256: expected } });
    expect(textHash(text, drawn)).toBe(expected);
    expect(textHash(`${text} `, drawn)).not.toBe(expected);
  });

  it('salts every text afresh, so that equal texts look different', () => {
    const [one, other] = [sealed(narrated('Same.')), sealed(narrated('Same.'))];
    expect(one.bytes).not.toBe(other.bytes);
    const twins = sealed({
      type: EVENT_TYPES.evidenceAdded,
      data: { items: [1, 2].map((n) => ({ n, title: 'Same.', url: 'https://example.org/' })) },
    });
    const hashes = (JSON.parse(twins.bytes) as { data: { items: { title: { sha256: string } }[] } }).data
      .items;
    expect(new Set(hashes.map(({ title }) => title.sha256)).size).toBe(2);
  });

  it('leaves what happened as it was', () => {
    for (const happened of everyType) {
      const before = structuredClone(happened);
      sealed(happened);
      expect(happened).toEqual(before);
    }
  });

  it('changes its hash with any change of place, cause or predecessor', () => {
    const happened = narrated('');
    const event = place(happened);
    const fixed = () => 'AAAAAAAAAAAAAAAAAAAAAA';
    const changes: Partial<Event>[] = [
      { stream: 'cmt_other' },
      { sequence: 2 },
      { time: '2026-01-01T09:00:00.001Z' },
      { actor: { id: 'psn_other', role: 'focal-point' } },
      { actor: { id: 'psn_worker', role: 'coordinator' } },
      { action: 'verify' },
      { commandId: 'cmd_other' },
      { correlation: 'req_other' },
    ];
    const hashes = [
      seal(happened, event, null, fixed).hash,
      seal(happened, event, 'f'.repeat(64), fixed).hash,
      ...changes.map((change) => seal(happened, { ...event, ...change } as Event, null, fixed).hash),
    ];
    expect(new Set(hashes).size).toBe(changes.length + 2);
  });

  it('of a type that this version does not know opens as it stands', () => {
    const record = sealed(narrated(''));
    const later = { ...record, bytes: record.bytes.replace('progress_reported', 'sung') };
    expect(open(later).type).toBe('followthrough.commitment.sung');
  });
});

const valueAt = (data: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((node, step) => (node as Record<string, unknown>)[step], data);

describe('canonical JSON', () => {
  it.each<[string, () => unknown]>([
    ['undefined', () => undefined],
    ['an undefined field', () => ({ a: undefined })],
    ['an undefined item', () => [undefined]],
    ['a function', () => ({ a: () => 1 })],
    ['a symbol', () => ({ a: Symbol('s') })],
    ['a big integer', () => ({ a: 1n })],
    ['a date', () => ({ a: new Date(0) })],
    ['an object with toJSON', () => ({ a: { toJSON: () => 'other' } })],
    ['a toJSON of an own prototype', () => ({ a: Object.create({ toJSON: () => 'other' }) })],
    ['a map', () => ({ a: new Map([['b', 1]]) })],
    ['bytes', () => ({ a: Buffer.from('b') })],
    ['a boxed text', () => [new String('a')]],
    ['NaN', () => [Number.NaN]],
    ['infinity', () => JSON.parse('[1e999]')],
    ['half of a surrogate pair', () => ['\ud800']],
    ['half of a surrogate pair in a name', () => ({ '\udfff': 1 })],
    ['half of a surrogate pair, deep down', () => ({ a: [{ b: 'x\udc00\ud800y' }] })],
    [
      'a cycle',
      () => {
        const cycle: unknown[] = [];
        cycle.push(cycle);
        return cycle;
      },
    ],
  ])('refuses %s', (_, make) => {
    expect(() => canonical(make())).toThrow();
  });

  it('does not depend on the order of names, and reads back the same', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        fc.pre(JSON.stringify(value).isWellFormed() && !/\\ud[89a-f]/.test(JSON.stringify(value)));
        const text = canonical(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonical(reversed(value))).toBe(text);
      }),
    );
  });

  it('takes the same object twice, and a depth of 100,000', () => {
    const shared = { a: 1 };
    expect(canonical([shared, shared])).toBe('[{"a":1},{"a":1}]');
    expect(canonical(JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)))).toHaveLength(200_000);
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, inner]) => [name, reversed(inner)]),
  );
}

describe('the vectors of RFC 8785', () => {
  const folder = conformance('jcs');
  if (!folder.present) {
    it.skip(`skipped: ${folder.notice}`);
    return;
  }
  const input = resolve(folder.path, 'testdata/input');
  const names = readdirSync(input);

  it('are there', () => {
    expect(names.length).toBeGreaterThanOrEqual(6);
  });

  it.each(names)('%s', (name) => {
    const written = canonical(JSON.parse(readFileSync(resolve(input, name), 'utf8')));
    const hex = readFileSync(resolve(folder.path, 'testdata/outhex', name.replace('.json', '.txt')), 'utf8');
    expect(Buffer.from(written, 'utf8').toString('hex')).toBe(hex.replace(/\s/g, ''));
  });
});

describe('numbers', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (n) => Number(canonical(n)) === n),
      {
        numRuns: 1000,
      },
    );
  });

  // RFC 8785, appendix B.
  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555555', '333333333.3333333'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
  ])('%s is %s', (bits, text) => {
    expect(canonical(Buffer.from(bits, 'hex').readDoubleBE())).toBe(text);
  });
});
