/**
 * Every key of every table, on one page. Tables are named by environment variables; `infra` makes them from TABLES.
 *
 * commands   <id>             S#card S#head S#evidence#0001 S#extension#0001 S#occurrence#0001 S#source   state
 *            <stream>         E#0000000001                                                             event records
 *            refusals.<id>    R#0000000001                                                             refusal records
 *            I#<digest>       I                                                                        idempotency records
 *            anonymous#<day>  <hh:mm>                                                                  anonymous refusals, counted
 *   byResponse  <responseId>  <commitmentId>#head|card|evidence#…        one response's compact projection
 *               responses     <responseId>                               the responses
 * people     subject#<subject>  person      the pseudonym of a person (erasing both rows erases the person)
 *            <pseudonym>        person
 */
export interface TableDefinition {
  /** The environment variable that holds the table's name. */
  env: string;
  stream?: 'new-image';
  /** The attribute that holds the expiry, in epoch seconds. */
  ttl?: string;
  /** Sort and partition keys are strings; every index projects the whole item unless it says otherwise. */
  indexes: Record<string, { partition: string; sort: string; projection?: 'all' | 'keys-only' }>;
}

/** Every table's own keys are the strings `pk` and `sk`. */
export const TABLES = {
  commands: {
    env: 'COMMANDS_TABLE',
    stream: 'new-image',
    ttl: 'expiresAt',
    indexes: { byResponse: { partition: 'gpk', sort: 'gsk' } },
  },
  people: { env: 'PEOPLE_TABLE', indexes: {} },
  audit: { env: 'AUDIT_TABLE', indexes: {} },
  rollups: { env: 'ROLLUPS_TABLE', indexes: {} },
  notifications: { env: 'NOTIFICATIONS_TABLE', ttl: 'expiresAt', indexes: {} },
  feed: { env: 'FEED_TABLE', indexes: {} },
} as const satisfies Record<string, TableDefinition>;

export type TableName = keyof typeof TABLES;

export interface Key {
  pk: string;
  sk: string;
}

const padded = (n: number, width: number): string => String(n).padStart(width, '0');

export const CARD = 'S#card';
export const HEAD = 'S#head';
export const SOURCE = 'S#source';
export const STATE_PREFIX = 'S#';
export const EVENT_PREFIX = 'E#';
export const REFUSAL_PREFIX = 'R#';
export const RESPONSES = 'responses';

export type Part = 'evidence' | 'extension' | 'occurrence';
export const partSk = (part: Part, n: number): string => `${STATE_PREFIX}${part}#${padded(n, 4)}`;

export const eventKey = (stream: string, sequence: number): Key => ({
  pk: stream,
  sk: `${EVENT_PREFIX}${padded(sequence, 10)}`,
});

export const refusalKey = (stream: string, sequence: number): Key => ({
  pk: stream,
  sk: `${REFUSAL_PREFIX}${padded(sequence, 10)}`,
});

/** The stream of the refused commands on one target. */
export const refusalStream = (target: string): string => `refusals.${target}`;

export const idempotencyKey = (digest: string): Key => ({ pk: `I#${digest}`, sk: 'I' });

export const anonymousMinute = (time: string): Key => ({
  pk: `anonymous#${time.slice(0, 10)}`,
  sk: time.slice(11, 16),
});

/** Where an item of a commitment's state stands in the index of its response. */
export const inResponse = (responseId: string, id: string, sk: string): { gpk: string; gsk: string } => ({
  gpk: responseId,
  gsk: `${id}#${sk.slice(STATE_PREFIX.length)}`,
});

export const subjectKey = (subject: string): Key => ({ pk: `subject#${subject}`, sk: 'person' });
export const pseudonymKey = (pseudonym: string): Key => ({ pk: pseudonym, sk: 'person' });
