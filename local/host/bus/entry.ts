import { randomUUID } from 'node:crypto';
import { account, type Json, region } from '../services.ts';

/** Limits of PutEvents: 10 entries, and 1 MB in all. */
const maximumEntries = 10;
const maximumSize = 1024 * 1024;

/** One entry's part of the answer. */
export type EntryResult = { EventId: string } | { ErrorCode: string; ErrorMessage: string };

/** Why EventBridge refuses the whole call, or undefined. */
export function requestError(entries: unknown): string | undefined {
  if (!Array.isArray(entries) || entries.length < 1 || entries.length > maximumEntries) {
    return `1 validation error detected: 'entries' must have between 1 and ${maximumEntries} items`;
  }
  const size = entries.reduce((sum: number, entry: Json) => sum + entrySize(entry), 0);
  return size > maximumSize ? `Total size of the entries in the request is over the limit.` : undefined;
}

/** Size as EventBridge counts it: 14 bytes for a time, and the UTF-8 of the other fields. */
function entrySize(entry: Json): number {
  const texts = [
    entry['Source'],
    entry['DetailType'],
    entry['Detail'],
    ...((entry['Resources'] ?? []) as string[]),
  ];
  const bytes = texts.reduce((sum: number, text) => sum + Buffer.byteLength(String(text ?? '')), 0);
  return bytes + (entry['Time'] === undefined ? 0 : 14);
}

/** The event of a valid entry, as rules and targets see it, or the entry's error. */
export function eventOfEntry(entry: Json, now: Date): { event: Json } | { error: EntryResult } {
  const source = entry['Source'];
  const detailType = entry['DetailType'];
  if (typeof source !== 'string' || source === '') return invalid('Parameter Source is not valid.');
  if (source.startsWith('aws.'))
    return refused('NotAuthorizedForSourceException', 'Not authorized for the source.');
  if (typeof detailType !== 'string' || detailType === '')
    return invalid('Parameter DetailType is not valid.');
  const detail = parseDetail(entry['Detail']);
  if (!detail) return refused('MalformedDetail', 'Detail is malformed.');
  const time = typeof entry['Time'] === 'number' ? new Date(entry['Time'] * 1000) : now;
  const event = {
    version: '0',
    id: randomUUID(),
    'detail-type': detailType,
    source,
    account,
    time: `${time.toISOString().slice(0, 19)}Z`,
    region,
    resources: entry['Resources'] ?? [],
    detail,
  };
  return { event };
}

function parseDetail(detail: unknown): Json | undefined {
  try {
    const value: unknown = JSON.parse(String(detail));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

const invalid = (message: string) => refused('InvalidArgument', message);

function refused(ErrorCode: string, ErrorMessage: string): { error: EntryResult } {
  return { error: { ErrorCode, ErrorMessage } };
}
