import * as z from 'zod/mini';
import { COMMANDS } from '../../shared/commitment/command.ts';
import * as erasure from '../../shared/commitment/erasure.ts';
import * as schema from '../../shared/commitment/schema.ts';
import * as subscription from '../../shared/commitment/subscription.ts';
import type { Answer } from '../../shared/lambda/http.ts';
import type { Access } from '../../shared/lambda/person.ts';
import { PROBLEMS } from '../../shared/lambda/problem.ts';
import { requestExport } from '../../shared/trail/export-request.ts';
import { ROUTES, type RouteWiring } from '../routes.ts';
import { QUERIES, text } from './queries.ts';

/** The OpenAPI 3.1 document, made from the tables of routes, problems and command schemas. */
export async function openapi(): Promise<Answer> {
  return { status: 200, headers: { 'cache-control': 'public, max-age=300' }, body: DOCUMENT };
}

const BODIES: Record<string, z.ZodMiniType> = {
  'POST /v1/responses': schema.registerResponse,
  'POST /v1/commitments': schema.registerCommitment,
  'POST /v1/commitments/{id}/publications': COMMANDS.publish,
  'POST /v1/commitments/{id}/updates': COMMANDS['report-progress'],
  'POST /v1/commitments/{id}/occurrences/{n}/updates': COMMANDS['report-occurrence'],
  'POST /v1/commitments/{id}/verifications': COMMANDS.verify,
  'POST /v1/commitments/{id}/extensions': COMMANDS['request-extension'],
  'POST /v1/commitments/{id}/extensions/{n}/decisions': COMMANDS['decide-extension'],
  'POST /v1/commitments/{id}/closures': COMMANDS.close,
  'POST /v1/commitments/{id}/supersessions': COMMANDS.supersede,
  'POST /v1/commitments/{id}/reopenings': COMMANDS.reopen,
  'POST /v1/erasures': erasure.requestErasure,
  'POST /v1/erasures/{id}/decisions': erasure.decideErasure,
  'POST /v1/audit/exports': requestExport,
  'POST /v1/subscriptions': subscription.createSubscription,
  'PATCH /v1/subscriptions/{id}': subscription.changeSubscription,
  'POST /v1/subscriptions/{id}/recoveries': subscription.recoverDeliveries,
};

/** Where success is neither 200 nor, of a POST, 201. */
const SUCCESS: Record<string, string> = {
  'GET /v1/audit/exports/{id}/files/{name}': '307',
  'DELETE /v1/subscriptions/{id}': '204',
  'POST /v1/subscriptions/{id}/tests': '202',
  'POST /v1/subscriptions/{id}/recoveries': '202',
  'POST /v1/deliveries/{id}/resends': '202',
};

/** What can't be told from the name of a route. */
const ABOUT: Record<string, string> = {
  'GET /v1/audit/entries':
    'Each answer names the `checkpoint` `{size, root, time}` of the log that it is tied to; a reading that goes on by its cursor stays at it, whatever arrives. What waits for its place in the log stands behind it with `index` null. CSV and JSON Lines hold the whole result; where that is more than an answer holds, it becomes an export, and 303 says where its file will be.',
  'GET /v1/audit/entries/{index}':
    'Everything about one entry: its bytes as they were sequenced, its leaf hash, and `row`, what stands in the table now; `rowHolds` says whether they are the same.',
  'GET /v1/audit/entries/{index}/proof':
    'A C2SP tlog-proof: the inclusion proof under the newest checkpoint, with its cosignatures.',
  'GET /v1/audit/duties':
    'The segregation of duties: each rule with the pairs of entries that broke it (`violations`), what was refused to those who tried (`attempts`), and what stands in the way (`rule.mitigations`). `from` and `to` are about the second entry of a pair.',
  'GET /v1/audit/custody':
    'The chain of custody of one commitment or one piece of evidence, in the order of the log.',
  'GET /v1/audit/manifests/{day}':
    'The heads of all streams on a day, a line each; the SHA-256 of the file is in an entry of the log.',
  'GET /v1/audit/rows':
    'The rows of the trail and their log items exactly as they stand, in the JSON of the table (each value under its type), for the offline verifier; those that wait for a place come last.',
  'GET /v1/audit/tile/entries/{path+}': 'Entry bundles (C2SP tlog-tiles): the leaves themselves.',
};

/** What success holds where it is not JSON, or not JSON alone. */
const MEDIA: Record<string, readonly string[]> = {
  'GET /v1/audit/exports/{id}/files/{name}': [],
  'GET /v1/audit/checkpoint': ['text/plain'],
  'GET /v1/audit/key': ['text/plain'],
  'GET /v1/audit/policy': ['text/plain'],
  'GET /v1/audit/tile/{path+}': ['application/octet-stream'],
  'GET /': ['text/html'],
  'GET /v1/events.atom': ['application/atom+xml'],
  'GET /v1/audit/entries': ['application/json', 'text/csv', 'application/jsonl'],
  'GET /v1/audit/entries/{index}/proof': ['text/plain'],
  'GET /v1/audit/custody': ['application/json', 'text/markdown'],
  'GET /v1/audit/tile/entries/{path+}': ['application/octet-stream'],
  'GET /v1/audit/manifests/{day}': ['application/jsonl'],
  'DELETE /v1/subscriptions/{id}': [],
};

const parameters = ({ route }: RouteWiring): object[] => [
  ...[...route.matchAll(/\{([^}+]+)\+?\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: text,
  })),
  ...Object.entries(QUERIES[route] ?? {}).map(([name, described]) => ({
    name,
    in: 'query',
    schema: described,
    ...('items' in described && { explode: false }),
  })),
  ...(route.startsWith('POST ') && !route.endsWith('/tests')
    ? [
        {
          name: 'Idempotency-Key',
          in: 'header',
          schema: text,
          description: 'Or the field _idempotency_key. Needed.',
        },
      ]
    : []),
  ...(/^POST .*commitments\/\{id\}/.test(route)
    ? [
        {
          name: 'If-Match',
          in: 'header',
          schema: text,
          description: '"v<version>", or the field _version. Needed.',
        },
      ]
    : []),
  ...(/^(PATCH|DELETE) /.test(route)
    ? [{ name: 'If-Match', in: 'header', schema: text, description: '"v<version>". May be sent.' }]
    : []),
];

function requestBody(route: string): object {
  const body = BODIES[route];
  if (!body) return {};
  const described = z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' });
  const content = { schema: described };
  return {
    requestBody: {
      required: true,
      content: {
        'application/json': content,
        'application/x-www-form-urlencoded': content,
        'multipart/form-data': content,
      },
    },
  };
}

const who = (access: Access): string =>
  access === 'anyone'
    ? 'Anyone.'
    : access === 'signed-in'
      ? 'Any signed-in person.'
      : `For: ${access.join(', ')}.`;

/** The verbs under which the audit trail tells of a route. */
const verbs = ({ action, decisions }: RouteWiring): string => {
  const told = decisions ? Object.values(decisions) : action ? [action] : [];
  return told.length > 0 ? ` In the audit trail: ${told.map((verb) => `\`${verb}\``).join(', ')}.` : '';
};

const about = ({ route }: RouteWiring): string => (ABOUT[route] ? ` ${ABOUT[route]}` : '');

const operation = (wiring: RouteWiring): object => ({
  operationId: wiring.route.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, ''),
  description: who(wiring.access) + verbs(wiring) + about(wiring),
  security: wiring.access === 'anyone' ? [] : [{ bearer: [] }],
  parameters: parameters(wiring),
  ...requestBody(wiring.route),
  responses: {
    [SUCCESS[wiring.route] ?? (wiring.route.startsWith('POST ') ? '201' : '200')]: {
      description: 'Done.',
      content: Object.fromEntries((MEDIA[wiring.route] ?? ['application/json']).map((type) => [type, {}])),
    },
    default: {
      description: 'A problem (RFC 9457).',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  },
});

function paths(): Record<string, Record<string, object>> {
  const found: Record<string, Record<string, object>> = {};
  for (const wiring of ROUTES) {
    const [method = '', path] = wiring.route.replace('+}', '}').split(' ');
    if (path) found[path] = { ...found[path], [method.toLowerCase()]: operation(wiring) };
  }
  return found;
}

const DOCUMENT = {
  openapi: '3.1.0',
  info: {
    title: 'Followthrough',
    version: '1',
    description:
      'Commitments from management responses: progress, verification, rollups, and an audit trail. The first request of a sign-in is told to the trail as `sign-in`, and its session is named in all that follows; requests without a token that holds are told by the minute, with a `count`. How each delivery ended is told as `deliver`.',
  },
  paths: paths(),
  components: {
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    schemas: {
      Problem: {
        type: 'object',
        required: ['type', 'title', 'status', 'code', 'detail'],
        properties: {
          type: text,
          title: text,
          status: { type: 'integer' },
          code: { enum: Object.keys(PROBLEMS) },
          detail: text,
          errors: {
            type: 'array',
            items: { type: 'object', properties: { pointer: text, code: text, detail: text } },
          },
        },
      },
    },
  },
};
