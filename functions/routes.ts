import type { Access } from '../shared/lambda/person.ts';

/** Every route of the API: which function answers it, who may take it, and the audit verb of a command. */
export interface RouteWiring {
  route: string;
  function: string;
  access: Access;
  action?: string;
  /** The verbs of a command that decides, by its decision. */
  decisions?: Readonly<Record<string, string>>;
}

const FOCAL_POINT = ['coordinator', 'focal-point'] as const;

export const ROUTES = [
  { route: 'GET /', function: 'web-pages', access: 'anyone' },
  { route: '$default', function: 'web-pages', access: 'anyone' },
  { route: 'GET /v1/openapi.json', function: 'web-pages', access: 'anyone' },
  { route: 'GET /v1/health', function: 'commitments-query', access: 'anyone' },

  { route: 'GET /v1/responses', function: 'commitments-query', access: 'anyone' },
  { route: 'GET /v1/responses/{responseId}', function: 'commitments-query', access: 'anyone' },
  { route: 'GET /v1/commitments', function: 'commitments-query', access: 'anyone' },
  { route: 'GET /v1/commitments/{id}', function: 'commitments-query', access: 'anyone' },
  { route: 'GET /v1/commitments/{id}/history', function: 'commitments-query', access: 'anyone' },
  { route: 'GET /v1/commitments/{id}/history/{sequence}', function: 'commitments-query', access: 'anyone' },

  {
    route: 'POST /v1/responses',
    function: 'commitments-command',
    access: ['coordinator'],
    action: 'register-response',
  },
  {
    route: 'POST /v1/commitments',
    function: 'commitments-command',
    access: ['coordinator'],
    action: 'register-commitment',
  },
  {
    route: 'POST /v1/commitments/{id}/publications',
    function: 'commitments-command',
    access: ['coordinator'],
    action: 'publish',
  },
  {
    route: 'POST /v1/commitments/{id}/updates',
    function: 'commitments-command',
    access: FOCAL_POINT,
    action: 'report-progress',
  },
  {
    route: 'POST /v1/commitments/{id}/occurrences/{n}/updates',
    function: 'commitments-command',
    access: FOCAL_POINT,
    action: 'report-progress',
  },
  {
    route: 'POST /v1/commitments/{id}/verifications',
    function: 'commitments-command',
    access: ['verifier'],
    action: 'verify',
    decisions: { verified: 'verify', returned: 'return' },
  },
  {
    route: 'POST /v1/commitments/{id}/extensions',
    function: 'commitments-command',
    access: FOCAL_POINT,
    action: 'request-extension',
  },
  {
    route: 'POST /v1/commitments/{id}/extensions/{n}/decisions',
    function: 'commitments-command',
    access: ['coordinator'],
    action: 'decide-extension',
    decisions: { granted: 'grant-extension', declined: 'decline-extension' },
  },
  {
    route: 'POST /v1/commitments/{id}/closures',
    function: 'commitments-command',
    access: ['coordinator'],
    action: 'close',
  },
  {
    route: 'POST /v1/commitments/{id}/supersessions',
    function: 'commitments-command',
    access: ['coordinator'],
    action: 'supersede',
  },
  {
    route: 'POST /v1/commitments/{id}/reopenings',
    function: 'commitments-command',
    access: ['verifier', 'auditor'],
    action: 'reopen',
  },

  { route: 'GET /v1/rollups', function: 'rollups-query', access: 'anyone' },
  {
    route: 'POST /v1/rollups/recalculations',
    function: 'rollups-recalculate',
    access: ['administrator'],
    action: 'recalculate',
  },

  {
    route: 'GET /v1/audit/entries',
    function: 'audit-query',
    access: ['auditor', 'administrator'],
    action: 'read-trail',
  },
  {
    route: 'GET /v1/audit/entries/{index}',
    function: 'audit-query',
    access: ['auditor', 'administrator'],
    action: 'read-trail',
  },
  {
    route: 'GET /v1/audit/entries/{index}/proof',
    function: 'audit-query',
    access: ['auditor'],
    action: 'read-trail',
  },
  {
    route: 'GET /v1/audit/duties',
    function: 'audit-query',
    access: ['auditor'],
    action: 'read-trail',
  },
  {
    route: 'GET /v1/audit/custody',
    function: 'audit-query',
    access: ['auditor'],
    action: 'read-trail',
  },
  {
    route: 'GET /v1/audit/manifests/{day}',
    function: 'audit-query',
    access: ['auditor'],
    action: 'read-trail',
  },
  {
    route: 'GET /v1/audit/rows',
    function: 'audit-query',
    access: ['auditor'],
    action: 'read-trail',
  },
  {
    route: 'GET /v1/audit/tile/entries/{path+}',
    function: 'audit-query',
    access: ['auditor'],
    action: 'read-trail',
  },

  {
    route: 'POST /v1/erasures',
    function: 'privacy-command',
    access: ['administrator'],
    action: 'request-erasure',
  },
  {
    route: 'GET /v1/erasures',
    function: 'privacy-command',
    access: ['auditor', 'administrator'],
    action: 'read-erasures',
  },
  {
    route: 'GET /v1/erasures/{id}',
    function: 'privacy-command',
    access: ['auditor', 'administrator'],
    action: 'read-erasures',
  },
  {
    route: 'POST /v1/erasures/{id}/decisions',
    function: 'privacy-command',
    access: ['auditor', 'administrator'],
    action: 'decide-erasure',
    decisions: { approved: 'approve-erasure', rejected: 'reject-erasure' },
  },
  { route: 'GET /v1/audit/checkpoint', function: 'audit-log', access: 'anyone' },
  { route: 'GET /v1/audit/checkpoints', function: 'audit-log', access: 'anyone' },
  { route: 'GET /v1/audit/key', function: 'audit-log', access: 'anyone' },
  { route: 'GET /v1/audit/policy', function: 'audit-log', access: 'anyone' },
  { route: 'GET /v1/audit/tile/{path+}', function: 'audit-log', access: 'anyone' },

  {
    route: 'POST /v1/audit/exports',
    function: 'audit-exports',
    access: ['auditor', 'administrator'],
    action: 'export-trail',
  },
  {
    route: 'GET /v1/audit/exports',
    function: 'audit-exports',
    access: ['auditor', 'administrator'],
    action: 'read-exports',
  },
  {
    route: 'GET /v1/audit/exports/{id}',
    function: 'audit-exports',
    access: ['auditor', 'administrator'],
    action: 'read-exports',
  },
  {
    route: 'GET /v1/audit/exports/{id}/files/{name}',
    function: 'audit-exports',
    access: ['auditor', 'administrator'],
    action: 'download-export',
  },

  { route: 'GET /v1/events', function: 'feed-query', access: 'anyone' },
  { route: 'GET /v1/events.atom', function: 'feed-query', access: 'anyone' },

  { route: 'GET /v1/subscriptions', function: 'notifications-subscriptions', access: 'signed-in' },
  {
    route: 'POST /v1/subscriptions',
    function: 'notifications-subscriptions',
    access: 'signed-in',
    action: 'create-subscription',
  },
  { route: 'GET /v1/subscriptions/{id}', function: 'notifications-subscriptions', access: 'signed-in' },
  {
    route: 'PATCH /v1/subscriptions/{id}',
    function: 'notifications-subscriptions',
    access: 'signed-in',
    action: 'change-subscription',
  },
  {
    route: 'DELETE /v1/subscriptions/{id}',
    function: 'notifications-subscriptions',
    access: 'signed-in',
    action: 'delete-subscription',
  },
  {
    route: 'POST /v1/subscriptions/{id}/secrets',
    function: 'notifications-subscriptions',
    access: 'signed-in',
    action: 'rotate-secret',
  },
  {
    route: 'POST /v1/subscriptions/{id}/tests',
    function: 'notifications-subscriptions',
    access: 'signed-in',
    action: 'test-subscription',
  },
  {
    route: 'POST /v1/subscriptions/{id}/recoveries',
    function: 'notifications-subscriptions',
    access: 'signed-in',
    action: 'recover-deliveries',
  },
  {
    route: 'GET /v1/subscriptions/{id}/deliveries',
    function: 'notifications-subscriptions',
    access: 'signed-in',
  },
  {
    route: 'POST /v1/deliveries/{id}/resends',
    function: 'notifications-subscriptions',
    access: 'signed-in',
    action: 'resend-delivery',
  },
] as const satisfies readonly RouteWiring[];

/** The methods and paths under which the gateway knows a route: what answers GET answers HEAD too (RFC 9110, 9.1), door and all. */
export const keysOf = (route: string): string[] =>
  route.startsWith('GET ') ? [route, route.replace('GET', 'HEAD')] : [route];

/** The routes that one function answers. */
export const routesOf = (name: FunctionWithRoutes): RouteWiring[] =>
  ROUTES.filter((route) => route.function === name);

export type FunctionWithRoutes = (typeof ROUTES)[number]['function'];
