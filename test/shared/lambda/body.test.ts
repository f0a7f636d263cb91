import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_BODY, readBody } from '../../../shared/lambda/body.ts';

const JSON_TYPE = 'application/json';
const FORM = 'application/x-www-form-urlencoded';
const bytes = (text: string) => Buffer.from(text, 'utf8');
const read = async (text: string | Uint8Array, type: string) => {
  const body = await readBody(typeof text === 'string' ? bytes(text) : text, type);
  return 'unreadable' in body
    ? `${body.unreadable} ${(body.errors ?? []).map(({ pointer }) => pointer)}`.trim()
    : body.value;
};
const part = (disposition: string, content: string) =>
  `--b0\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`;
const multipart = (...parts: string[]) =>
  read(`${parts.join('')}--b0--\r\n`, 'multipart/form-data; boundary=b0');

describe('JSON', () => {
  it('is read in UTF-8, with or without its mark', async () => {
    expect(await read('{"a":"é🎯"}', JSON_TYPE)).toEqual({ a: 'é🎯' });
    expect(await read('\ufeff{"a":1}', 'application/json; charset=utf-8')).toEqual({ a: 1 });
    expect(await read('{"a":1}', 'Application/Merge-Patch+JSON')).toEqual({ a: 1 });
  });

  it.each([
    ' ',
    '{',
    '{"a":1,}',
    "{'a':1}",
    'undefined',
    'NaN',
    '{"a":1} {"b":2}',
    '['.repeat(100_000),
    '{"a":'.repeat(50_000),
  ])('that is none is malformed', async (text) => {
    expect(await read(text, JSON_TYPE)).toBe('malformed-body');
  });

  it.each([[[0xff]], [[0xc3, 0x28]], [[0xed, 0xa0, 0x80]], [[0xf0, 0x9f]], [[0xc0, 0xaf]]])(
    'with bytes %j is no UTF-8',
    async (bad) => {
      expect(await read(Buffer.concat([bytes('{"a":"'), Buffer.from(bad), bytes('"}')]), JSON_TYPE)).toBe(
        'malformed-body',
      );
    },
  );

  it('in UTF-16 is malformed', async () => {
    expect(await read(Buffer.from('{"a":1}', 'utf16le'), JSON_TYPE)).toBe('malformed-body');
  });

  it('takes the last of a name that occurs twice, as JSON.parse does', async () => {
    expect(await read('{"a":1,"a":2}', JSON_TYPE)).toEqual({ a: 2 });
  });

  it('nested 100,000 deep is read, not crashed on', async () => {
    const value = await read('['.repeat(100_000) + ']'.repeat(100_000), JSON_TYPE);
    expect(Array.isArray(value)).toBe(true);
  });

  it('keeps a __proto__ as a field like any other', async () => {
    const value = (await read('{"__proto__":{"polluted":1}}', JSON_TYPE)) as object;
    expect(Object.hasOwn(value, '__proto__')).toBe(true);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('a urlencoded form', () => {
  it('is decoded and nested', async () => {
    expect(
      await read('narrative=a+b%26c%C3%A9&evidence%5B0%5D%5Btitle%5D=T&evidence[0][url]=u&empty=', FORM),
    ).toEqual({
      narrative: 'a b&cé',
      evidence: [{ title: 'T', url: 'u' }],
      empty: '',
    });
  });

  it('says that its fields are texts', async () => {
    expect(await readBody(bytes('a=1'), FORM)).toEqual({ value: { a: '1' }, form: true });
    expect(await readBody(bytes('{"a":1}'), JSON_TYPE)).toEqual({ value: { a: 1 }, form: false });
  });

  it('tells names that can not be read', async () => {
    expect(await read('a[=1&b~=2', FORM)).toBe('invalid-body /a[,/b~0');
  });

  it('that is not UTF-8, escaped or not, is malformed rather than mangled', async () => {
    expect(await read(Buffer.from([0x61, 0x3d, 0xff]), FORM)).toBe('malformed-body');
    for (const text of ['a=caf%E9', 'caf%E9=1', 'a=%ED%A0%80'])
      expect(await read(text, FORM)).toBe('malformed-body');
    expect(await read('a=%EF%BF%BD', FORM)).toEqual({ a: '\ufffd' });
    const bad = Buffer.concat([
      bytes('--b0\r\nContent-Disposition: form-data; name="a"\r\n\r\n'),
      Buffer.from([0xe9]),
      bytes('\r\n--b0--\r\n'),
    ]);
    expect(await read(bad, 'multipart/form-data; boundary=b0')).toBe('malformed-body');
  });
});

describe('a multipart form', () => {
  it('is read and nested', async () => {
    expect(
      await multipart(
        part('name="narrative"', 'Zeile 1\r\nZeile 2 é'),
        part('name="evidence[0][title]"', 'T'),
      ),
    ).toEqual({
      narrative: 'Zeile 1\r\nZeile 2 é',
      evidence: [{ title: 'T' }],
    });
  });

  it('takes no files, and says where', async () => {
    expect(await multipart(part('name="evidence[0][file]"; filename="a.pdf"', '%PDF'))).toBe(
      'invalid-body /evidence/0/file',
    );
    expect(await multipart(part('name="a/b"; filename="a.pdf"', '%PDF'))).toBe('invalid-body /a~1b');
  });

  it.each([
    ['no boundary', 'multipart/form-data', `${part('name="a"', '1')}--b0--\r\n`],
    ['another boundary', 'multipart/form-data; boundary=b1', `${part('name="a"', '1')}--b0--\r\n`],
    ['no end', 'multipart/form-data; boundary=b0', part('name="a"', '1')],
    ['no disposition', 'multipart/form-data; boundary=b0', '--b0\r\n\r\n1\r\n--b0--\r\n'],
    ['nothing in it', 'multipart/form-data; boundary=b0', ''],
    ['a boundary of nothing', 'multipart/form-data; boundary=', '----\r\n'],
  ])('with %s is malformed', async (_, type, text) => {
    expect(await read(text, type)).toBe('malformed-body');
  });
});

describe('any body', () => {
  it.each([
    'text/plain',
    'application/xml',
    'application/jsonp',
    'json',
    '',
    ';',
    'text/json+',
    'image/png; x=application/json',
  ])('of type %j is not taken', async (type) => {
    expect(await read('{}', type)).toBe('unsupported-media-type');
  });

  it('may be missing, with its type', async () => {
    expect(await readBody(new Uint8Array(), undefined)).toEqual({ value: {}, form: false });
    expect(await readBody(new Uint8Array(), 'application/json')).toEqual({ value: {}, form: false });
    expect(await readBody(bytes('{}'), undefined)).toHaveProperty('unreadable', 'unsupported-media-type');
  });

  it.each([JSON_TYPE, FORM, 'multipart/form-data; boundary=b0', 'text/plain'])(
    'is at most 256 KB: %s',
    async (type) => {
      expect(await readBody(Buffer.alloc(MAX_BODY + 1, '1'), type)).toHaveProperty(
        'unreadable',
        'body-too-large',
      );
      const exactly = await readBody(Buffer.alloc(MAX_BODY, '1'), type);
      expect('unreadable' in exactly && exactly.unreadable).not.toBe('body-too-large');
    },
  );

  it('is read or refused, never crashed on', async () => {
    const type = fc.constantFrom(
      JSON_TYPE,
      FORM,
      'multipart/form-data; boundary=b0',
      'multipart/form-data; boundary="',
      'x',
    );
    const framed = fc
      .string({ unit: 'binary' })
      .map((text) =>
        bytes(`--b0\r\nContent-Disposition: form-data; name="${text}"\r\n\r\n${text}\r\n--b0--\r\n`),
      );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.json().map(bytes), framed),
        type,
        async (raw, media) => {
          const body = await readBody(raw, media);
          expect('unreadable' in body || 'value' in body).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  }, 30_000);
});
