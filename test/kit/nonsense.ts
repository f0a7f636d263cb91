import { gzipSync } from 'node:zlib';
import { ROUTES } from '../../functions/routes.ts';
import type { PersonName } from './issuer.ts';
import { RESPONSE } from './sample.ts';
import type { Request } from './wire.ts';

/** What nonsense is made from: things that really stand in the system, and tokens that really open it. */
export interface Grounds {
  responseId: string;
  commitmentIds: readonly string[];
  subscriptionId: string;
  deliveryId: string;
  cursor: string;
  tokens: Readonly<Record<PersonName, string>>;
  /** Tokens that open nothing, whatever they claim. */
  falseTokens: readonly string[];
  /** The newest version that was seen of a commitment. */
  versions: Map<string, number>;
}

/** Requests that are nearly right, wrong in one way, or wrong in every way; the same for the same seed. */
export function makeNonsense(seed: number, grounds: Grounds) {
  const random = mulberry32(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const chance = (share: number): boolean => random() < share;
  const one = <T>(things: readonly T[]): T => things[below(things.length)] as T;

  const commands: [route: string, body: object][] = [
    ['POST /v1/responses', RESPONSE],
    [
      'POST /v1/commitments',
      {
        responseId: grounds.responseId,
        title: 'Train all staff',
        quote: 'We will train all staff in 2024.',
        source: { start: 0, end: 32 },
        indicators: ['1.3'],
        unit: 'Department of Human Resources',
        due: { date: '2024-12-31', precision: 'year', kind: 'complete', text: 'in 2024' },
        recurrence: { text: 'each year', frequency: 'yearly', from: '2024-01-01' },
        dependsOn: [grounds.commitmentIds[0]],
        systems: ['ERP'],
        amounts: [{ amount: 2_300_000_00, currency: 'USD', note: 'core', sharedKey: 'a' }],
      },
    ],
    ['POST /v1/commitments/{id}/publications', {}],
    [
      'POST /v1/commitments/{id}/updates',
      {
        narrative: 'It moves.',
        status: 'in_progress',
        progress: 40,
        evidence: [{ title: 'The report', url: 'https://example.org/report', sha256: 'a'.repeat(64) }],
        amountsSecured: [{ amount: 100, currency: 'USD' }],
        measurements: [{ name: 'staff', value: '12.50', unit: '%' }],
      },
    ],
    ['POST /v1/commitments/{id}/occurrences/{n}/updates', { narrative: 'Once more.', status: 'in_progress' }],
    ['POST /v1/commitments/{id}/verifications', { decision: 'returned', reason: 'Not enough.' }],
    ['POST /v1/commitments/{id}/extensions', { due: '2027-12-31', precision: 'day', reason: 'Late tender.' }],
    ['POST /v1/commitments/{id}/extensions/{n}/decisions', { decision: 'granted', reason: 'Yes.' }],
    ['POST /v1/commitments/{id}/closures', { reasonCode: 'other', reason: 'No longer.' }],
    ['POST /v1/commitments/{id}/supersessions', { by: grounds.commitmentIds[1], reason: 'Merged.' }],
    ['POST /v1/commitments/{id}/reopenings', { reason: 'Not done.' }],
    ['POST /v1/rollups/recalculations', {}],
    [
      'POST /v1/subscriptions',
      {
        channel: { type: 'webhook', url: 'https://hooks.example.org/in' },
        filter: { type: [{ prefix: 'followthrough.commitment' }], data: { to: ['verified_complete'] } },
        description: 'Mine',
        active: false,
      },
    ],
    ['PATCH /v1/subscriptions/{id}', { description: 'Other', active: false }],
    ['POST /v1/subscriptions/{id}/secrets', {}],
    ['POST /v1/subscriptions/{id}/tests', {}],
    ['POST /v1/subscriptions/{id}/recoveries', { since: '2026-11-24T00:00:00.000Z' }],
    ['POST /v1/deliveries/{id}/resends', {}],
  ];
  const bodyOf = new Map(commands);
  const known = ROUTES.map(({ route, access }) => ({ route, access })).filter(
    ({ route }) => route !== '$default',
  );
  // It reads every event each time.
  const frequent = known.filter(({ route }) => !route.includes('recalculations'));
  const missing = known.filter(({ route }) => route.startsWith('POST') && !bodyOf.has(route));
  if (missing.length > 0) throw new Error(`no body for ${missing.map(({ route }) => route).join(', ')}`);

  const text = (): string => one(TEXTS)();
  const ids = (): string =>
    one([
      ...grounds.commitmentIds,
      grounds.responseId,
      grounds.subscriptionId,
      grounds.deliveryId,
      'cmt_00000000000000000000000000',
      'CMT_00000000000000000000000000',
      'unknown',
      '0',
    ]);

  function idFor(route: string, name: string): string {
    if (chance(0.15)) return chance(0.5) ? ids() : one(PATH_PARTS);
    if (name === 'responseId') return grounds.responseId;
    if (name === 'n' || name === 'sequence') return chance(0.7) ? '1' : one(NUMBERS);
    if (route.includes('/subscriptions/')) return grounds.subscriptionId;
    if (route.includes('/deliveries/')) return grounds.deliveryId;
    return one(grounds.commitmentIds);
  }

  function query(): string {
    if (chance(0.4)) return '';
    // Alone, since one parameter that is unknown hides what another does.
    if (chance(0.2))
      return `?${one(['cursor', 'after'])}=${Buffer.from(`1 ${chance(0.5) ? one(PLACES) : text().slice(0, 500)}`).toString('base64url')}`;
    if (chance(0.2)) return `?${one(PARAMETERS)}=${one([...VALUES, ...PATH_PARTS])}`;
    const parameter = (): string => {
      const name = chance(0.9)
        ? one(PARAMETERS)
        : encodeURIComponent(text().slice(0, 2000).toWellFormed()) || 'x';
      const value = chance(0.5)
        ? one([...VALUES, grounds.cursor, ids()])
        : one([
            () => encodeURIComponent(text().slice(0, 2000).toWellFormed()),
            () => one(PATH_PARTS),
            () => Buffer.from(`1 ${text().slice(0, 500)}`).toString('base64url'),
            () => `${grounds.cursor.slice(0, -1)}x`,
          ])();
      return chance(0.05) ? name : `${name}=${value}`;
    };
    return `?${Array.from({ length: 1 + below(4) }, parameter).join('&')}`;
  }

  /** A copy with one to three things wrong: gone, doubled, of another type, or with company. */
  function mutated(value: unknown): string {
    const raws: string[] = [];
    const raw = (json: string): string => `@raw${raws.push(json) - 1}@`;
    const wrong = (): unknown =>
      one([
        () => raw(one(RAW_JSON)()),
        () => text(),
        () => null,
        () => [],
        () => ({}),
        () => [text(), 1, null],
        () => ({ [text().slice(0, 100)]: text().slice(0, 100) }),
        () => true,
        () => ids(),
        () => one(NUMBERS.map(Number)),
      ])();
    const copy = structuredClone(value) as Record<string, unknown>;
    for (let times = 1 + below(3); times > 0; times--) {
      let at = copy;
      while (chance(0.5)) {
        const inner = one(Object.values(at));
        if (inner === null || typeof inner !== 'object' || Object.keys(inner).length === 0) break;
        if (Array.isArray(inner) && chance(0.5)) break;
        at = inner as Record<string, unknown>;
      }
      const name = one(Object.keys(at));
      if (name !== undefined && chance(0.3)) delete at[name];
      else if (name !== undefined && chance(0.7)) at[name] = wrong();
      else if (Array.isArray(at)) at.push(wrong());
      else at[chance(0.5) ? one(FIELD_NAMES) : text().slice(0, 1000)] = wrong();
    }
    const json = JSON.stringify(copy).replace(/"@raw(\d+)@"/g, (_, index) => raws[Number(index)] ?? 'null');
    return chance(0.1) && json.length > 2
      ? json.replace(/^\{/, '{"narrative":"a","narrative":"b","title":"c",')
      : json;
  }

  function body(route: string): { body?: Buffer; type?: string } {
    const right = bodyOf.get(route);
    if (!right) return chance(0.9) ? {} : { body: Buffer.from(text()), type: one(TYPES) };
    if (chance(0.12)) return { body: Buffer.from(JSON.stringify(right)), type: 'application/json' };
    if (chance(0.6)) return { body: Buffer.from(mutated(right)), type: 'application/json' };
    return one([
      () => ({ body: Buffer.from(JSON.stringify(right)), type: one(TYPES) }),
      () => ({ body: Buffer.from(one(RAW_JSON)()), type: 'application/json' }),
      () => ({ body: gzipSync(JSON.stringify(right)), type: 'application/json' }),
      () => ({
        body: Buffer.from(JSON.stringify(right), 'utf16le'),
        type: 'application/json; charset=utf-16',
      }),
      () => ({ body: Buffer.from(Array.from({ length: below(300) }, () => below(256))), type: one(TYPES) }),
      () => ({ body: Buffer.from(one(FORMS)()), type: 'application/x-www-form-urlencoded' }),
      () => ({
        body: Buffer.from(one(MULTIPARTS)),
        type: one([
          'multipart/form-data; boundary=b',
          'multipart/form-data',
          'multipart/form-data; boundary=',
        ]),
      }),
      () => ({}),
    ])();
  }

  function headers(route: string, target: string): [string, string][] {
    const { access = 'anyone' } = known.find((other) => other.route === route) ?? {};
    const roles = access === 'anyone' || access === 'signed-in' ? ['coordinator'] : access;
    const found: [string, string][] = [];
    const as = chance(0.85) ? one(roles) : one(Object.keys(grounds.tokens));
    if (chance(0.9)) found.push(['authorization', `${one(SCHEMES)} ${grounds.tokens[as as PersonName]}`]);
    else
      found.push([
        'authorization',
        one([...GARBAGE, ...grounds.falseTokens.map((token) => `Bearer ${token}`)]),
      ]);
    const version = [...grounds.versions].find(([id]) => target.includes(id))?.[1] ?? 1;
    if (route.startsWith('POST')) {
      if (chance(0.9)) found.push(['idempotency-key', chance(0.9) ? `k-${random()}` : one(GARBAGE)]);
      if (chance(0.9)) found.push(['if-match', chance(0.85) ? `"v${version}"` : one([...ETAGS, ...GARBAGE])]);
    } else if (chance(0.1)) found.push(['if-match', one(ETAGS)], ['if-none-match', one(ETAGS)]);
    if (chance(0.2)) found.push(one(ODD_HEADERS));
    if (chance(0.3)) found.push(['accept', one(ACCEPTS)]);
    return found;
  }

  return {
    one,
    /** A request for a route of the table. */
    request(route: string = one(chance(0.98) ? frequent : known).route): Request {
      const [method = 'GET', path = '/'] = route.split(' ');
      const filled = path.replace(/\{(\w+)\}/g, (_, name) => idFor(route, name));
      const target = `${chance(0.05) ? `${filled}/${one(PATH_PARTS)}` : filled}${query()}`;
      const { body: sent, type } = body(route);
      return {
        method: chance(0.95) ? method : one(METHODS),
        target: target.replace(/[\s\0]/g, '%20'),
        headers: [
          ...headers(route, target),
          ...(type === undefined ? [] : [['content-type', type] as const]),
        ],
        ...(sent && { body: sent }),
      };
    },
    routes: known.map(({ route }) => route),
  };
}

const times = (count: number, piece: string) => (): string => piece.repeat(count);
const as = (value: string) => (): string => value;

const TEXTS: (() => string)[] = [
  ...[
    '',
    ' ',
    '\t\n',
    '\0',
    'a\0b',
    '\ud800',
    'x\udfff',
    '\ufeff',
    '\ufffe\uffff',
    '\u202egnp.exe',
    '👩‍👩‍👧‍👦',
    'e\u0301',
  ].map(as),
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'length',
    'then',
    '$where',
    '../../etc/passwd',
  ].map(as),
  ...[
    '2024-02-30',
    '2023-02-29',
    '0000-00-00',
    '0000-01-01',
    '9999-12-31',
    '10000-01-01',
    '-000001-01-01',
  ].map(as),
  ...[
    '2024-13-01',
    '2024-1-1',
    '2024-01-01T00:00:00Z',
    '2024-06-30T23:59:60Z',
    '+275760-09-13',
    'yesterday',
  ].map(as),
  ...[
    'NaN',
    '-0',
    '1e400',
    '0x10',
    '１２',
    'true',
    'null',
    '<script>alert(1)</script>',
    "'; DROP TABLE x",
    '{{7*7}}',
  ].map(as),
  ...[
    'javascript:alert(1)',
    'https://',
    'http://[::1',
    'https://a b',
    'file:///etc/passwd',
    'https://u:p@example.org',
  ].map(as),
  ...[
    times(301, 'a'),
    times(10_001, 'n'),
    times(70_000, '\u20ac'),
    times(260_000, 'z'),
    times(5000, '\u0301'),
  ],
];

const RAW_JSON: (() => string)[] = [
  ...[
    '1e400',
    '-1e400',
    '-0',
    '1e-400',
    '9007199254740993',
    '123456789012345678901234567890',
    '0.1',
    '1E2',
  ].map(as),
  ...[
    '{"__proto__":{"admin":true}}',
    '{"toString":1,"valueOf":1}',
    '{"length":1000000000}',
    '{"then":{}}',
  ].map(as),
  ...[
    '"\\ud800"',
    '"\\u0000"',
    '"\ufeff"',
    '[[],[[]]]',
    '{"a":1,"a":2}',
    '{',
    '[1,]',
    "{'a':1}",
    'NaN',
    '',
    'nul',
  ].map(as),
  () => `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  () => `${'{"a":'.repeat(30_000)}1${'}'.repeat(30_000)}`,
  () => `[${'0,'.repeat(100_000)}0]`,
  () => JSON.stringify(Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`f${n}`, n]))),
  () => JSON.stringify('x'.repeat(262_145)),
];

const FORMS: (() => string)[] = [
  ...[
    'narrative=It+moves.&progress=40',
    'narrative=%ff%fe',
    'narrative=%',
    'a[b]=1&a=2',
    '=',
    '&&&',
    '__proto__[x]=1',
  ].map(as),
  ...[
    'evidence[0][title]=a&evidence[0][url]=https://example.org',
    'evidence[999999999][title]=a',
    'a[b][c][d][e][f]=1',
  ].map(as),
  ...[
    'constructor[prototype][x]=1&narrative=x',
    '_version=1e3&_idempotency_key=a&narrative=x',
    '_version=&narrative=x',
  ].map(as),
  () => 'a=1&'.repeat(60_000),
  () => `narrative=${'%00'.repeat(1000)}`,
  () => `${'a[]=1&'.repeat(20_000)}`,
];

const part = (name: string, value: string): string =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const MULTIPARTS = [
  `${part('narrative', 'It moves.')}--b--\r\n`,
  part('narrative', 'never ends'),
  '--b\r\n\r\n--b--',
  '--c\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--c--',
  `${part('__proto__', 'x')}--b--\r\n`,
  '--b\r\nContent-Disposition: form-data; name="f"; filename="a.exe"\r\nContent-Type: x\r\n\r\nMZ\r\n--b--\r\n',
  '--b\nContent-Disposition: form-data; name="a"\n\nx\n--b--\n',
  '',
];

const TYPES = [
  ...[
    'application/json; charset=utf-8',
    'application/json;charset=utf-16',
    'application/JSON',
    'application/vnd.x+json',
  ],
  ...[
    'text/plain',
    'text/xml',
    '',
    ';',
    '/',
    'application/json, application/json',
    'multipart/form-data; boundary="',
  ],
  ...[
    'application/x-www-form-urlencoded; charset=latin1',
    'application/octet-stream',
    `x/${'y'.repeat(2000)}`,
  ],
];

const PATH_PARTS = [
  ...[
    '%2e%2e',
    '..',
    '.',
    '%2F',
    '%252F',
    'a%2Fb',
    '%00',
    '%',
    '%zz',
    '%e0%a4%a',
    '%ff',
    '%F0%9F%92%A9',
    '💩',
    '*',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    ';x=1',
    "'",
    '"',
    '%22',
    '%0d%0aset-cookie:%20a=b',
    '{id}',
    'x'.repeat(3000),
  ],
];
const NUMBERS = [
  '0',
  '-1',
  '-0',
  '1.5',
  '1e3',
  '01',
  '9999',
  '10000',
  '2147483648',
  '9007199254740993',
  '1e400',
  'NaN',
];
const PLACES = [
  '~',
  '-1',
  '1e3',
  '99999999990',
  '9007199254740993',
  '999999999999999',
  ' ',
  'E#',
  'zzz_~#~',
  '\u{10ffff}',
  '0000000000000000',
];
const PARAMETERS = [
  ...[
    'response',
    'status',
    'indicator',
    'kpi',
    'area',
    'unit',
    'system',
    'dueBefore',
    'dueAfter',
    'overdue',
    'stale',
  ],
  ...[
    'undated',
    'unowned',
    'blocked',
    'q',
    'sort',
    'limit',
    'cursor',
    'after',
    'asAt',
    'by',
    'type',
    'subject',
  ],
  ...[
    'commitment',
    'actor',
    'action',
    'outcome',
    'from',
    'to',
    'order',
    '__proto__',
    'constructor',
    'limit[]',
    '',
  ],
];
const VALUES = [
  ...[
    'true',
    'false',
    '',
    '0',
    '-1',
    '1',
    '200',
    '201',
    '1e2',
    'Infinity',
    'due',
    'updated',
    'total',
    'system',
    'dueYear',
  ],
  ...[
    '2024-02-30',
    '2026-11-24',
    '2026-11-24T10:00:00Z',
    '2026-11-24T10:00:00.000%2B99:00',
    '0000-01-01T00:00:00Z',
  ],
  ...[
    '9999-12-31T23:59:59Z',
    'in_progress',
    'in_progress,x',
    'success',
    'asc',
    'desc',
    '%00',
    '%ff',
    '+',
    '%2B',
    '1.3',
  ],
];
const FIELD_NAMES = [
  ...[
    '__proto__',
    'constructor',
    'toString',
    '_version',
    '_idempotency_key',
    'id',
    'status',
    'narrative',
    'reason',
  ],
  ...['due', 'n', 'by', 'then', 'toJSON', '', '$ref', 'a/b', 'a~b', 'evidence[0][title]'],
];
const METHODS = ['HEAD', 'OPTIONS', 'TRACE', 'PATCH', 'PUT', 'DELETE', 'GET', 'POST', 'PROPFIND', 'QUERY'];
const SCHEMES = ['Bearer', 'Bearer', 'Bearer', 'bearer', 'BEARER'];
const GARBAGE = [
  '',
  ' ',
  'Bearer',
  'Bearer ',
  'Basic dTpw',
  'Bearer a.b.c',
  'é',
  '\x7f',
  'x'.repeat(10_000),
  '"',
  ',',
  '\u{1f4a9}',
];
const ETAGS = [
  ...[
    '*',
    'W/"v1"',
    '"v1", "v2"',
    '"v1"',
    '"v0"',
    '"v-1"',
    '"v99999999999999999999"',
    'v1',
    '""',
    '"',
    '"v1e3"',
  ],
  ...['"v1";', '"V1"', `"v${'9'.repeat(5000)}"`],
];
const ODD_HEADERS: [string, string][] = [
  ['content-encoding', 'gzip'],
  ['content-encoding', 'br, gzip, x'],
  ['transfer-encoding', 'identity'],
  ['x-http-method-override', 'DELETE'],
  ['x-forwarded-for', '169.254.169.254'],
  ['x-forwarded-proto', 'gopher'],
  ['host', 'evil.example'],
  ['host', ''],
  ['cookie', '__proto__=1; a'],
  ['range', 'bytes=0-1,5-'],
  ['expect', '100-continue'],
  ['__proto__', 'x'],
  ['constructor', 'x'],
  ['idempotency-key', 'second'],
  ['content-type', 'text/plain'],
  ['origin', 'null'],
  ['access-control-request-method', 'POST'],
  ['x-many', 'y'.repeat(8000)],
];
const ACCEPTS = [
  ...[
    'text/html',
    'text/csv',
    'application/jsonl',
    'application/json;q=0',
    '*/*;q=0',
    'x',
    '',
    'text/html;q=2, */*',
  ],
  ...[
    'application/problem+json',
    `${'a/b,'.repeat(1000)}`,
    'text/csv;q=0.5,application/jsonl;q=0.5',
    'text/*',
  ],
];

/** Bits from a seed: Tommy Ettinger's mulberry32. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296;
  };
}
