import type { TableName } from '../shared/store/keys.ts';

/**
 * The contents page: every function with what it may touch, every subscription of the bus, every schedule. Routes stand in `routes.ts`.
 * `infra` makes the stacks by walking these tables; what is not named here is neither granted nor known to a function.
 */
export interface FunctionWiring {
  /** Bundled from here; exports `handler`. */
  entry: string;
  memory: number;
  /** Seconds. */
  timeout: number;
  tables: readonly TableGrant[];
  /** Verifies bearer tokens: gets ISSUER_URL, JWKS_URL and TOKEN_AUDIENCE. */
  tokens?: true;
  /** May put events on the bus: gets EVENT_BUS. */
  bus?: true;
  /** Queues it may send to: gets `<NAME>_QUEUE_URL`. */
  sendsTo?: readonly string[];
  /** Settings of the deployment that it reads. */
  settings?: readonly Setting[];
  /** Buckets that it may touch: gets `<NAME>_BUCKET`. */
  buckets?: readonly BucketGrant[];
  /** Signs with a key: gets `<NAME>_KEY_ID`. */
  signs?: KeyName;
  /** May ask for the public half of a key: gets `<NAME>_KEY_ID`. */
  knows?: KeyName;
  /** Asks the witnesses for their signatures: gets WITNESS_URLS, separated by commas. */
  witnesses?: true;
  /** Has an address of its own, open to all: what comes in has to prove itself. */
  url?: true;
  /** Which stack holds it, where that is not the service's. */
  stack?: 'audit' | 'witness';
}

/** Ed25519 keys that never leave the key service. */
export type KeyName = 'log' | 'witness';

/** `log`: tiles, checkpoints and manifests, create-only and locked. `exports`: what auditors take away, for a month. */
export type BucketName = 'log' | 'exports';

export interface BucketGrant {
  bucket: BucketName;
  actions: readonly BucketAction[];
}

export type BucketAction =
  | 'GetObject'
  | 'PutObject'
  | 'ListBucket'
  | 'DeleteObject'
  | 'AbortMultipartUpload'
  | 'PutObjectRetention'
  | 'PutObjectTagging';

export interface TableGrant {
  table: TableName;
  actions: readonly TableAction[];
  /** Names of its indexes that it may query. */
  indexes?: readonly string[];
}

export type TableAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'BatchWriteItem'
  | 'ConditionCheckItem';

export type Setting =
  | 'ALLOW_LOOPBACK_WEBHOOKS'
  | 'WEBHOOK_RETRY_SCHEDULE'
  | 'LOG_ORIGIN'
  | 'WITNESS_NAME'
  | 'WITNESS_LOG_KEY';

const EVENT_READ = ['GetItem', 'BatchGetItem', 'Query'] as const;

/** What erasing takes, by command or by the clock. */
const ERASES = [
  {
    table: 'commands',
    actions: [...EVENT_READ, 'PutItem', 'UpdateItem', 'ConditionCheckItem'],
    indexes: ['byResponse'],
  },
  { table: 'people', actions: ['GetItem', 'PutItem', 'Query', 'DeleteItem'] },
  { table: 'notifications', actions: [...EVENT_READ, 'PutItem', 'DeleteItem', 'UpdateItem'] },
] as const satisfies readonly TableGrant[];

export const FUNCTIONS = {
  'commitments-command': {
    entry: 'functions/commitments/command.ts',
    memory: 512,
    timeout: 15,
    tokens: true,
    tables: [
      { table: 'commands', actions: [...EVENT_READ, 'PutItem', 'UpdateItem'] },
      { table: 'people', actions: ['GetItem', 'PutItem'] },
    ],
  },
  'commitments-query': {
    entry: 'functions/commitments/query.ts',
    memory: 512,
    timeout: 15,
    tables: [{ table: 'commands', actions: EVENT_READ, indexes: ['byResponse'] }],
  },
  'outbox-relay': {
    entry: 'functions/outbox/relay.ts',
    memory: 256,
    timeout: 60,
    bus: true,
    tables: [],
  },
  'audit-record': {
    entry: 'functions/audit/record/record.ts',
    memory: 256,
    timeout: 60,
    stack: 'audit',
    sendsTo: ['sequence'],
    tables: [
      { table: 'commands', actions: ['GetItem', 'Query'] },
      { table: 'audit', actions: ['PutItem', 'GetItem', 'BatchGetItem', 'Query'] },
      { table: 'log', actions: ['PutItem'] },
    ],
  },
  'audit-sequence': {
    entry: 'functions/audit/sequence/sequence.ts',
    memory: 1024,
    // It begins nothing new after 45 s, and waits 10 s for a witness.
    timeout: 90,
    stack: 'audit',
    signs: 'log',
    witnesses: true,
    settings: ['LOG_ORIGIN'],
    buckets: [{ bucket: 'log', actions: ['GetObject', 'PutObject', 'ListBucket'] }],
    tables: [
      { table: 'audit', actions: ['BatchGetItem', 'PutItem'] },
      { table: 'log', actions: [...EVENT_READ, 'PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'] },
    ],
  },
  'audit-query': {
    entry: 'functions/audit/ask/query.ts',
    memory: 512,
    timeout: 29,
    tokens: true,
    stack: 'audit',
    sendsTo: ['exports'],
    buckets: [{ bucket: 'log', actions: ['GetObject', 'ListBucket'] }],
    tables: [
      {
        table: 'audit',
        actions: ['GetItem', 'BatchGetItem', 'Query'],
        indexes: ['byIndex', 'ofTarget', 'ofActor', 'ofAction', 'ofException', 'ofCode', 'ofLate'],
      },
      { table: 'log', actions: ['GetItem', 'Query', 'PutItem'] },
      { table: 'people', actions: ['GetItem', 'PutItem'] },
      { table: 'commands', actions: ['Query', 'PutItem', 'UpdateItem'] },
    ],
  },
  'witness-cosign': {
    entry: 'functions/witness/cosign.ts',
    memory: 256,
    timeout: 10,
    stack: 'witness',
    url: true,
    signs: 'witness',
    settings: ['LOG_ORIGIN', 'WITNESS_NAME', 'WITNESS_LOG_KEY'],
    tables: [{ table: 'witness', actions: ['GetItem', 'PutItem'] }],
  },
  'audit-exports': {
    entry: 'functions/audit/export/exports.ts',
    memory: 256,
    // It waits 20 s for a file that is being written.
    timeout: 29,
    tokens: true,
    stack: 'audit',
    sendsTo: ['exports'],
    buckets: [{ bucket: 'exports', actions: ['GetObject', 'ListBucket'] }],
    tables: [
      { table: 'log', actions: ['GetItem', 'Query', 'PutItem'] },
      { table: 'people', actions: ['GetItem', 'PutItem'] },
      { table: 'commands', actions: ['Query', 'PutItem', 'UpdateItem'] },
    ],
  },
  'audit-export-write': {
    entry: 'functions/audit/export/export-write.ts',
    memory: 1024,
    // It begins nothing new after 300 s, and reads what it wrote again to its end.
    timeout: 600,
    stack: 'audit',
    knows: 'log',
    witnesses: true,
    settings: ['LOG_ORIGIN'],
    sendsTo: ['exports'],
    buckets: [
      { bucket: 'log', actions: ['GetObject', 'ListBucket'] },
      { bucket: 'exports', actions: ['GetObject', 'ListBucket', 'PutObject', 'AbortMultipartUpload'] },
    ],
    tables: [
      { table: 'log', actions: [...EVENT_READ, 'PutItem'] },
      { table: 'audit', actions: [...EVENT_READ], indexes: ['byIndex'] },
      { table: 'commands', actions: EVENT_READ, indexes: ['byResponse'] },
    ],
  },
  'audit-count': {
    entry: 'functions/audit/record/count.ts',
    memory: 256,
    timeout: 60,
    stack: 'audit',
    tables: [{ table: 'commands', actions: ['GetItem', 'Query', 'PutItem', 'UpdateItem'] }],
  },
  'audit-manifest': {
    entry: 'functions/audit/manifest/manifest.ts',
    memory: 1024,
    timeout: 600,
    stack: 'audit',
    sendsTo: ['audit'],
    buckets: [{ bucket: 'log', actions: ['GetObject', 'PutObject', 'ListBucket'] }],
    tables: [
      { table: 'commands', actions: EVENT_READ, indexes: ['byResponse'] },
      { table: 'audit', actions: ['GetItem', 'BatchGetItem', 'Query', 'PutItem'] },
      { table: 'log', actions: ['BatchGetItem', 'Query', 'PutItem'] },
    ],
  },
  'audit-log': {
    entry: 'functions/audit/serve/log.ts',
    memory: 256,
    timeout: 15,
    stack: 'audit',
    knows: 'log',
    witnesses: true,
    settings: ['LOG_ORIGIN'],
    buckets: [{ bucket: 'log', actions: ['GetObject', 'ListBucket'] }],
    tables: [{ table: 'log', actions: ['GetItem', 'Query'] }],
  },
  'rollups-project': {
    entry: 'functions/rollups/project.ts',
    memory: 512,
    timeout: 60,
    tables: [
      { table: 'commands', actions: EVENT_READ },
      { table: 'rollups', actions: [...EVENT_READ, 'PutItem', 'UpdateItem', 'ConditionCheckItem'] },
    ],
  },
  'rollups-query': {
    entry: 'functions/rollups/query.ts',
    memory: 512,
    timeout: 29,
    tables: [
      { table: 'commands', actions: EVENT_READ, indexes: ['byResponse'] },
      { table: 'rollups', actions: EVENT_READ },
    ],
  },
  'rollups-recalculate': {
    entry: 'functions/rollups/recalculate.ts',
    memory: 1024,
    timeout: 29,
    tokens: true,
    tables: [
      { table: 'commands', actions: [...EVENT_READ, 'PutItem', 'UpdateItem'], indexes: ['byResponse'] },
      { table: 'people', actions: ['GetItem', 'PutItem'] },
      {
        table: 'rollups',
        actions: [...EVENT_READ, 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'],
      },
    ],
  },
  'notifications-match': {
    entry: 'functions/notifications/match.ts',
    memory: 256,
    timeout: 60,
    sendsTo: ['deliveries'],
    settings: ['WEBHOOK_RETRY_SCHEDULE'],
    tables: [{ table: 'notifications', actions: ['GetItem', 'Query', 'PutItem'] }],
  },
  'notifications-deliver': {
    entry: 'functions/notifications/deliver.ts',
    memory: 256,
    timeout: 60,
    sendsTo: ['deliveries'],
    settings: ['ALLOW_LOOPBACK_WEBHOOKS', 'WEBHOOK_RETRY_SCHEDULE'],
    tables: [
      { table: 'notifications', actions: [...EVENT_READ, 'PutItem', 'UpdateItem', 'DeleteItem'] },
      { table: 'commands', actions: ['Query', 'PutItem'] },
    ],
  },
  'notifications-sweep': {
    entry: 'functions/notifications/sweep.ts',
    memory: 256,
    timeout: 60,
    sendsTo: ['deliveries'],
    tables: [{ table: 'notifications', actions: ['Query', 'UpdateItem'], indexes: ['byDue'] }],
  },
  'notifications-subscriptions': {
    entry: 'functions/notifications/subscriptions.ts',
    memory: 256,
    timeout: 15,
    tokens: true,
    sendsTo: ['deliveries'],
    settings: ['ALLOW_LOOPBACK_WEBHOOKS', 'WEBHOOK_RETRY_SCHEDULE'],
    tables: [
      { table: 'notifications', actions: [...EVENT_READ, 'PutItem', 'UpdateItem', 'DeleteItem'] },
      { table: 'people', actions: ['GetItem', 'PutItem'] },
      { table: 'commands', actions: ['Query', 'PutItem', 'UpdateItem'] },
    ],
  },
  'feed-append': {
    entry: 'functions/feed/append.ts',
    memory: 256,
    timeout: 60,
    tables: [
      { table: 'commands', actions: ['Query'] },
      { table: 'feed', actions: ['GetItem', 'Query', 'PutItem'] },
    ],
  },
  'feed-query': {
    entry: 'functions/feed/query.ts',
    memory: 256,
    timeout: 15,
    tables: [
      { table: 'commands', actions: ['BatchGetItem'] },
      { table: 'feed', actions: ['Query'] },
    ],
  },
  'privacy-command': {
    entry: 'functions/privacy/command.ts',
    memory: 256,
    timeout: 29,
    tokens: true,
    tables: ERASES,
  },
  'privacy-sweep': {
    entry: 'functions/privacy/sweep.ts',
    memory: 256,
    timeout: 60,
    tables: ERASES,
  },
  'web-pages': {
    entry: 'functions/web/pages.ts',
    memory: 256,
    timeout: 10,
    tables: [],
  },
} as const satisfies Record<string, FunctionWiring>;

export type FunctionName = keyof typeof FUNCTIONS;

/** Queues that functions send to directly, not through the bus; each has its dead-letter queue. */
export const QUEUES = {
  /** Hints that entries wait for their place in the log. */
  sequence: {
    function: 'audit-sequence',
    batch: 10,
    windowSeconds: 2,
    maximumConcurrency: 2,
    receives: 10,
  },
  /** Exports that are to be written, or gone on with. */
  exports: {
    function: 'audit-export-write',
    batch: 1,
    windowSeconds: 0,
    maximumConcurrency: 4,
    receives: 5,
  },
  deliveries: {
    function: 'notifications-deliver',
    batch: 10,
    windowSeconds: 0,
    // Each may wait 15 s for an endpoint, and costs nothing but its memory while it does.
    maximumConcurrency: 50,
    receives: 5,
  },
} as const satisfies Record<string, QueueWiring>;
export type QueueName = keyof typeof QUEUES;

export interface QueueWiring {
  function: FunctionName;
  /** Messages a batch. */
  batch: number;
  windowSeconds: number;
  /** AWS takes 2 to 1000. */
  maximumConcurrency: number;
  /** A message goes to the dead-letter queue after so many receives. */
  receives: number;
}

/** Rules of the bus: rule → queue (with its dead-letter queue) → function. `fifo`: one writer at a time. */
export interface SubscriptionWiring extends Omit<QueueWiring, 'maximumConcurrency'> {
  source: readonly string[];
  maximumConcurrency?: number;
  fifo?: true;
}

export const EVENT_SOURCE = 'followthrough';
export const REFUSAL_SOURCE = 'followthrough.refusals';

export const SUBSCRIPTIONS = {
  audit: {
    function: 'audit-record',
    source: [EVENT_SOURCE, REFUSAL_SOURCE],
    batch: 10,
    windowSeconds: 0,
    maximumConcurrency: 4,
    receives: 10,
  },
  rollups: {
    function: 'rollups-project',
    source: [EVENT_SOURCE],
    batch: 10,
    windowSeconds: 0,
    maximumConcurrency: 2,
    receives: 10,
  },
  notifications: {
    function: 'notifications-match',
    source: [EVENT_SOURCE],
    batch: 10,
    windowSeconds: 0,
    maximumConcurrency: 4,
    receives: 10,
  },
  feed: {
    function: 'feed-append',
    source: [EVENT_SOURCE],
    batch: 10,
    windowSeconds: 0,
    fifo: true,
    receives: 10,
  },
} as const satisfies Record<string, SubscriptionWiring>;

/** The stream of the commands table → relay; only inserted event and refusal records pass the filter. */
export const STREAM = {
  function: 'outbox-relay',
  table: 'commands',
  batch: 100,
  /** A record older than this is given up to the failure bucket (a stream keeps 24 h). */
  maximumRecordAgeHours: 20,
  retries: 20,
  pattern: {
    eventName: ['INSERT'],
    dynamodb: { Keys: { sk: { S: [{ prefix: 'E#' }, { prefix: 'R#' }] } } },
  },
} as const;

export const SCHEDULES = {
  'notifications-sweep': { everyMinutes: 1 },
  'audit-sequence': { everyMinutes: 1 },
  // The first run of a day counts; the others find that it did.
  'audit-manifest': { everyMinutes: 5 },
  'audit-count': { everyMinutes: 1 },
  'privacy-sweep': { everyMinutes: 1 },
} as const satisfies Partial<Record<FunctionName, { everyMinutes: number }>>;
