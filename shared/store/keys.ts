/**
 * Every key of every table, on one page. Tables are named by environment variables; `infra` makes them from TABLES.
 *
 * commands   <id>             S#card S#head S#evidence#0001 S#extension#0001 S#occurrence#0001 S#source   state
 *            <stream>         E#0000000001                                                             event records
 *            refusals.<id>    R#0000000001                                                             refusal records
 *            acts.<id>        R#0000000001                                                             commands that yield no event
 *            <erasureId>    S#erasure                                                                  what is to be erased, and who decided so
 *            I#<digest>       I                                                                        idempotency records
 *            anonymous#<day>  <hh:mm>                                                                  anonymous refusals, counted
 *            anonymous        told                                                                     up to when the trail knows them
 *   byResponse  <responseId>  <commitmentId>#head|card|evidence#…        one response's compact projection
 *               responses     <responseId>                               the responses
 *               erasures      <erasureId>                                what was asked to be erased
 * people     subject#<subject>  person      the pseudonym of a person (erasing all these rows erases the person)
 *            <pseudonym>        person
 *            <pseudonym>        session#<digest>   the name of the session that one of their sign-ins began
 * notifications
 *            <subscriptionId>   subscription                  the subscription
 *            <subscriptionId>   secrets                       its signing secrets
 *            <subscriptionId>   slow                          its endpoint let an attempt wait, lately
 *            <subscriptionId>   delivery#<time><digest>       one thing to tell it
 *            <subscriptionId>   attempt#<time><digest>#0001   one try to tell it
 *            owner#<pseudonym>  <subscriptionId>              whose it is
 *            directory          <subscriptionId>              what listens: filter, since when
 *            directory          version                       grows with each change of the directory
 *            event#<eventId>    body                          the bytes that are sent
 *            I#<digest>         I                             idempotency records
 *   byDue    due#<shard>        <time>                        deliveries that have to be looked at, by time
 * audit      <stream>           A#0000000001                  an entry: its bytes
 *            integrity.<stream> A#0000000001#gap#…            a finding about a stream: found again, it is the same
 *            <stream>           L#0000000001                  its place in the log, with the columns to find it by
 *            evidence.<sha256>  V#<index>                     an entry that names this piece of evidence
 *   byIndex     <index ÷ 65,536> <index>                      the log in its order; the index sorts the others too
 *   ofTarget    <id>
 *   ofActor     <pseudonym>
 *   ofAction    <verb>
 *   ofException refused|failed                                only what did not succeed stands here
 *   ofCode      <code>                                        only what has one stands here
 *   ofLate      late                                          only what was recorded late stands here
 * log        pending            <recordedAt>#<pk>#<sk>        an entry that waits for its place in the log
 *            head               head                          how far the log goes: size, root, what is published
 *            staged             <first>#<root>#<part>         the entries of a batch that is about to be signed
 *            batches            <first>                       a batch that is published, with its time and checkpoint
 *            times              <time>#<first>                the same by its time
 *            streams            <stream>                      the last entry of a stream that has its place
 *            quarantine         <recordedAt>#<pk>#<sk>        an entry that can not have a place, and why
 *            witnesses          <url>                         the key of a witness, pinned, and the last size it cosigned
 *            exports.<pseudonym> <exportId>                   an export that somebody asked for, and how far it is
 *            <exportId>         <attempt>#<object>#00001      a part that is sent of one of its objects
 *            I#<digest>         I                             idempotency records of exports
 * witness    <origin>           checkpoint                    the newest checkpoint that was cosigned, and the log's key
 * feed       feed               head                          the last position
 *            feed               P#0000000000000001            the event at a position
 *            type#<type>        P#…                           the same, for each filter: not indexes, since a reader that goes by
 *            subject#<stream>   P#…                           an index could pass by what it does not show yet
 * rollups    <responseId>#<by>  key#<value> | none   the totals of one group; all#<by> holds what counts over all responses only
 *            <commitmentId>     node                 what it contributes to totals, and up to which event
 *            <commitmentId>     dependent#<id>       who depends on it, directly or not
 *            register           <responseId>#<id>    every commitment that has a node
 *            <responseId>       newest               the time of the newest event in the totals
 *            lease              lease                held while totals are rebuilt
 *            repairs            repairs              how many rebuilds mended something
 *            I#<digest>         I                    idempotency records of recalculations
 */
export interface TableDefinition {
  /** The environment variable that holds the table's name. */
  env: string;
  stream?: 'new-image';
  /** The attribute that holds the expiry, in epoch seconds. */
  ttl?: string;
  /** The stack that holds it, where that is not the stateful one. */
  stack?: 'audit' | 'witness';
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
  people: { env: 'PEOPLE_TABLE', ttl: 'expiresAt', indexes: {} },
  audit: {
    env: 'AUDIT_TABLE',
    stack: 'audit',
    indexes: {
      byIndex: { partition: 'block', sort: 'index' },
      ofTarget: { partition: 'target', sort: 'index' },
      ofActor: { partition: 'actor', sort: 'index' },
      ofAction: { partition: 'action', sort: 'index' },
      ofException: { partition: 'exception', sort: 'index' },
      ofCode: { partition: 'code', sort: 'index' },
      ofLate: { partition: 'late', sort: 'index' },
    },
  },
  log: { env: 'LOG_TABLE', stack: 'audit', ttl: 'expiresAt', indexes: {} },
  witness: { env: 'WITNESS_TABLE', stack: 'witness', indexes: {} },
  rollups: { env: 'ROLLUPS_TABLE', ttl: 'expiresAt', indexes: {} },
  notifications: {
    env: 'NOTIFICATIONS_TABLE',
    ttl: 'expiresAt',
    indexes: { byDue: { partition: 'due', sort: 'dueAt', projection: 'keys-only' } },
  },
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
const STATE_PREFIX = 'S#';
export const EVENT_PREFIX = 'E#';
export const REFUSAL_PREFIX = 'R#';
export const RESPONSES = 'responses';
export const ERASURE = 'S#erasure';
export const ERASURES = 'erasures';

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

export const idempotencyKey = (digest: string): Key => ({ pk: `I#${digest}`, sk: 'I' });

/** Up to which minute the trail was told of them. */
export const ANONYMOUS_TOLD: Key = { pk: 'anonymous', sk: 'told' };
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
export const sessionKey = (pseudonym: string, signIn: string): Key => ({
  pk: pseudonym,
  sk: `session#${signIn}`,
});

export const SUBSCRIPTION = 'subscription';
export const SECRETS = 'secrets';
export const SLOW = 'slow';
export const DIRECTORY = 'directory';
export const DIRECTORY_VERSION: Key = { pk: DIRECTORY, sk: 'version' };
export const DELIVERY_PREFIX = 'delivery#';
export const ATTEMPT_PREFIX = 'attempt#';

export const ownerPk = (pseudonym: string): string => `owner#${pseudonym}`;
export const attemptSk = (place: string, n: number): string => `${ATTEMPT_PREFIX}${place}#${padded(n, 4)}`;
export const bodyKey = (eventId: string): Key => ({ pk: `event#${eventId}`, sk: 'body' });
export const dueShard = (shard: number): string => `due#${shard}`;

/** Audit entries stand behind this, at the place that `placeOf` tells. */
export const ENTRY_PREFIX = 'A#';
export const auditKey = (stream: string, sequence: number): Key => ({
  pk: stream,
  sk: `${ENTRY_PREFIX}${padded(sequence, 10)}`,
});

/** The place of an entry in the log stands beside it, and the other way round. */
export const logItemKey = ({ pk, sk }: Key): Key => ({ pk, sk: `L#${sk.slice(2)}` });
export const entryKeyOf = ({ pk, sk }: Key): Key => ({ pk, sk: `${ENTRY_PREFIX}${sk.slice(2)}` });

/** 16 digits hold every safe integer. */
export const indexText = (index: number): string => padded(index, 16);
/** A block of the log is one partition of `byIndex`: large enough to be rare, small enough not to be hot for long. */
export const BLOCK = 65_536;
export const blockOf = (index: number): string => String(Math.floor(index / BLOCK));

/** The entries that name a piece of evidence, by their places in the log. */
export const evidencePk = (sha256: string): string => `evidence.${sha256}`;
export const evidenceKey = (sha256: string, index: number): Key => ({
  pk: evidencePk(sha256),
  sk: `V#${indexText(index)}`,
});

export const LOG_HEAD: Key = { pk: 'head', sk: 'head' };
export const PENDING = 'pending';
export const pendingSk = (recordedAt: string, { pk, sk }: Key): string => `${recordedAt}#${pk}#${sk}`;
/** Whether a text can be such a sort key. */
export const isPlace = (text: string): boolean => PLACE.test(text);
const PLACE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#[!-~]{1,500}$/;
/** Batches by the index of their first entry. */
export const BATCHES = 'batches';
/** The same by their time, which never goes back. */
export const TIMES = 'times';
export const timesSk = (time: string, first: number): string => `${time}#${indexText(first)}`;
export const QUARANTINE = 'quarantine';
export const STAGED = 'staged';
/** What the keys of all parts of a staged batch begin with. */
export const stagedPrefix = (first: number, root: string): string =>
  `${indexText(first)}#${root.slice(0, 16)}#`;
export const STREAMS = 'streams';
export const WITNESSES = 'witnesses';

export const witnessKey = (origin: string): Key => ({ pk: origin, sk: 'checkpoint' });

export const FEED = 'feed';
export const FEED_HEAD: Key = { pk: FEED, sk: 'head' };
/** Positions are contiguous from 1; 16 digits hold every safe integer. */
export const feedSk = (position: number): string => `P#${padded(position, 16)}`;
export const typeFeed = (type: string): string => `type#${type}`;
export const subjectFeed = (stream: string): string => `subject#${stream}`;

/** Stands in the place of a response for what counts over all of them. */
export const ALL = 'all';
export const NODE = 'node';
export const DEPENDENT_PREFIX = 'dependent#';
export const REGISTER = 'register';
export const LEASE: Key = { pk: 'lease', sk: 'lease' };

const GROUP_PREFIX = 'key#';
export const rollupPk = (scope: string, by: string): string => `${scope}#${by}`;
export const rollupGroupKey = (scope: string, by: string, value: string | null): Key => ({
  pk: rollupPk(scope, by),
  sk: value === null ? 'none' : `${GROUP_PREFIX}${value}`,
});
/** A group's key in one text, and read back from it: values may hold slashes, partition keys hold none. */
export const rollupGroupId = ({ pk, sk }: Key): string => `${pk}/${sk}`;
export function rollupKeyOf(groupId: string): Key {
  const slash = groupId.indexOf('/');
  return { pk: groupId.slice(0, slash), sk: groupId.slice(slash + 1) };
}
/** The value in a group's sort key; null where it has none. */
export const rollupValue = (sk: string): string | null =>
  sk.startsWith(GROUP_PREFIX) ? sk.slice(GROUP_PREFIX.length) : null;

export const newestKey = (responseId: string): Key => ({ pk: responseId, sk: 'newest' });

/** Counts the rebuilds that mended something: what was read before one may be wrong. */
export const REPAIRS: Key = { pk: 'repairs', sk: 'repairs' };

export const exportsPk = (owner: string): string => `exports.${owner}`;
export const exportKey = (owner: string, id: string): Key => ({ pk: exportsPk(owner), sk: id });
/** Without `n`: what the keys of all parts of the object begin with. */
export const exportPartKey = (id: string, attempt: number, object: string, n?: number): Key => ({
  pk: id,
  sk: `${padded(attempt, 2)}#${object}#${n === undefined ? '' : padded(n, 5)}`,
});
