import { sha256 } from '../../shared/record/canonical.ts';
import type { Stored } from '../../shared/store/audit-entries.ts';
import type { AuditEntry } from '../../shared/trail/entry.ts';

/** An entry as the API shows it. `hash` is the SHA-256 of `bytes`; `index` is its place in the log, null until it has one. */
export function representEntry({ entry, bytes, index = null }: Stored & { index?: number | null }) {
  const { eventId, commandId, code, onBehalfOf, reasonCode, changes } = entry;
  return {
    index,
    stream: entry.stream,
    sequence: entry.sequence,
    ...(eventId !== undefined && { eventId }),
    ...(commandId !== undefined && { commandId }),
    action: entry.action,
    outcome: entry.outcome,
    ...(code !== undefined && { code }),
    actor: entry.actor,
    ...(onBehalfOf !== undefined && { onBehalfOf }),
    target: entry.target,
    claimedAt: entry.claimedAt,
    recordedAt: entry.recordedAt,
    ...(reasonCode !== undefined && { reasonCode }),
    ...(changes !== undefined && { changes }),
    bytes,
    hash: sha256(bytes),
  };
}

export type Represented = ReturnType<typeof representEntry>;

export const jsonLine = (stored: Parameters<typeof representEntry>[0]): string =>
  `${JSON.stringify(representEntry(stored))}\n`;

export type Cell = string | number | null | undefined;

/** The columns of tables: every field of the representation; nested ones by their path, patches as JSON. */
export const COLUMNS: [string, (entry: Represented & Pick<AuditEntry, 'onBehalfOf'>) => Cell][] = [
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
  ['onBehalfOf', ({ onBehalfOf }) => onBehalfOf],
  ['target.type', ({ target }) => target.type],
  ['target.id', ({ target }) => target.id],
  ['claimedAt', ({ claimedAt }) => claimedAt],
  ['recordedAt', ({ recordedAt }) => recordedAt],
  ['reasonCode', ({ reasonCode }) => reasonCode],
  ['changes', ({ changes }) => changes && JSON.stringify(changes)],
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
