import { sha256 } from '../../../shared/record/canonical.ts';
import type { Stored } from '../../../shared/store/audit-entries.ts';
import type { AuditEntry } from '../../../shared/trail/entry.ts';

/** The fields of an entry in the order in which people are shown them: what happened first, then how it is held. */
const FIELDS = [
  ...(['stream', 'sequence', 'eventId', 'commandId', 'action', 'outcome', 'code', 'actor'] as const),
  ...(['onBehalfOf', 'target', 'claimedAt', 'recordedAt', 'reasonCode', 'changes', 'changesHash'] as const),
  ...(['evidence', 'facts', 'count', 'finding', 'manifest', 'observer', 'correlation'] as const),
  ...(['recordHash', 'previousHash'] as const),
] satisfies (keyof AuditEntry)[];

/** An entry as the API shows it. `hash` is the SHA-256 of `bytes`; `index` is its place in the log, null until it has one. */
export interface Represented extends Omit<AuditEntry, 'v'> {
  index: number | null;
  bytes: string;
  hash: string;
}

export function representEntry({ entry, bytes, index = null }: Stored & { index?: number | null }) {
  const fields = FIELDS.flatMap((name) => (entry[name] === undefined ? [] : [[name, entry[name]]]));
  return { index, ...Object.fromEntries(fields), bytes, hash: sha256(bytes) } as Represented;
}

export const jsonLine = (stored: Parameters<typeof representEntry>[0]): string =>
  `${JSON.stringify(representEntry(stored))}\n`;

export type Cell = string | number | null | undefined;

/** The columns of tables: every field of the representation; nested ones by their path, patches as JSON. */
export const COLUMNS: [string, (entry: Represented) => Cell][] = [
  ['index', ({ index }) => index],
  ['stream', ({ stream }) => stream],
  ['sequence', ({ sequence }) => sequence],
  ['eventId', ({ eventId }) => eventId],
  ['commandId', ({ commandId }) => commandId],
  ['action', ({ action }) => action],
  ['outcome', ({ outcome }) => outcome],
  ['code', ({ code }) => code],
  ['actor.id', ({ actor }) => actor.id],
  ['actor.role', ({ actor }) => actor.role],
  ['actor.session', ({ actor }) => actor.session],
  ['onBehalfOf', ({ onBehalfOf }) => onBehalfOf],
  ['target.type', ({ target }) => target.type],
  ['target.id', ({ target }) => target.id],
  ['claimedAt', ({ claimedAt }) => claimedAt],
  ['recordedAt', ({ recordedAt }) => recordedAt],
  ['reasonCode', ({ reasonCode }) => reasonCode],
  ['changes', ({ changes }) => changes && JSON.stringify(changes)],
  ['changesHash', ({ changesHash }) => changesHash],
  ['evidence', ({ evidence }) => evidence && JSON.stringify(evidence)],
  ['facts', ({ facts }) => facts && JSON.stringify(facts)],
  ['count', ({ count }) => count],
  ['finding', ({ finding }) => finding && JSON.stringify(finding)],
  ['manifest', ({ manifest }) => manifest && JSON.stringify(manifest)],
  ['observer', ({ observer }) => observer],
  ['correlation', ({ correlation }) => correlation],
  ['recordHash', ({ recordHash }) => recordHash],
  ['previousHash', ({ previousHash }) => previousHash],
  ['bytes', ({ bytes }) => bytes],
  ['hash', ({ hash }) => hash],
];

export const csvHeader = (): string => csvRow(COLUMNS.map(([name]) => name));

export const csvLine = (stored: Parameters<typeof representEntry>[0]): string => {
  const entry = representEntry(stored);
  return csvRow(COLUMNS.map(([, cell]) => cell(entry)));
};

/** RFC 4180. A spreadsheet takes a text that begins like a formula for one: an apostrophe in front keeps it a text. */
export const csvRow = (cells: Cell[]): string => `${cells.map(csvCell).join(',')}\r\n`;

function csvCell(value: Cell): string {
  if (typeof value === 'number') return String(value);
  const text = value ?? '';
  const guarded = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
