import { gzipSync } from 'node:zlib';
import { ROUTES } from '../../functions/routes.ts';
import type { PersonName } from './issuer.ts';
import {
  ACCEPTS,
  ETAGS,
  FIELD_NAMES,
  FILES,
  FORMS,
  GARBAGE,
  METHODS,
  MULTIPARTS,
  NUMBERS,
  ODD_HEADERS,
  PARAMETERS,
  PATH_PARTS,
  PLACES,
  RAW_JSON,
  SCHEMES,
  TEXTS,
  TILES,
  TYPES,
  VALUES,
} from './nasties.ts';
import { RESPONSE } from './sample.ts';
import type { Request } from './wire.ts';

/** What nonsense is made from: things that really stand in the system, and tokens that really open it. */
export interface Grounds {
  responseId: string;
  commitmentIds: readonly string[];
  subscriptionId: string;
  deliveryId: string;
  exportId: string;
  erasureId: string;
  /** Of several lists. */
  cursors: readonly string[];
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
    [
      'POST /v1/erasures',
      { kind: 'text', stream: grounds.commitmentIds[0], sequence: 1, path: 'note', reasonCode: 'other' },
    ],
    ['POST /v1/erasures/{id}/decisions', { decision: 'rejected' }],
    ['POST /v1/audit/exports', { format: 'jsonl', query: { action: 'close', order: 'asc' } }],
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
      grounds.exportId,
      grounds.erasureId,
      'cmt_00000000000000000000000000',
      'CMT_00000000000000000000000000',
      'unknown',
      '0',
    ]);

  function idFor(route: string, name: string): string {
    if (chance(0.15)) return chance(0.5) ? ids() : one(PATH_PARTS);
    if (name === 'responseId') return grounds.responseId;
    if (name === 'path') return one(TILES);
    if (name === 'day')
      return one(['2026-11-24', '2026-11-31', '2026-1-1', '0000-01-01', '..', '2026-11-24.p']);
    if (name === 'name') return one(FILES);
    if (name === 'n' || name === 'sequence' || name === 'index') return chance(0.7) ? '1' : one(NUMBERS);
    if (route.includes('/subscriptions/')) return grounds.subscriptionId;
    if (route.includes('/deliveries/')) return grounds.deliveryId;
    if (route.includes('/exports/')) return grounds.exportId;
    if (route.includes('/erasures/')) return grounds.erasureId;
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
        ? one([...VALUES, ...grounds.cursors, ids()])
        : one([
            () => encodeURIComponent(text().slice(0, 2000).toWellFormed()),
            () => one(PATH_PARTS),
            () => Buffer.from(`1 ${text().slice(0, 500)}`).toString('base64url'),
            () => `${one(grounds.cursors).slice(0, -1)}x`,
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
      const filled = path.replace(/\{(\w+)\+?\}/g, (_, name) => idFor(route, name));
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
