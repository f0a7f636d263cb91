import type { CloudEvent } from '../../shared/store/cloud-event.ts';

/** An Atom feed (RFC 4287) of events, the newest first. `self` is the path and query under which it was read. */
export const atom = (self: string, events: readonly CloudEvent[]): string =>
  `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<id>urn:followthrough:events</id>
<title>Followthrough: what happened to the commitments</title>
<author><name>Followthrough</name></author>
<link rel="self" href="${escaped(self)}"/>
<updated>${events[0]?.time ?? '1970-01-01T00:00:00.000Z'}</updated>
${events.map(entry).join('')}</feed>
`;

const entry = ({ id, type, subject, time, data }: CloudEvent): string => `<entry>
<id>urn:followthrough:event:${escaped(id)}</id>
<title>${escaped(`${words(type)}: ${subject}`)}</title>
<updated>${time}</updated>
<category term="${escaped(type)}"/>
${link(type, subject)}<summary>${escaped(summary(type, data))}</summary>
</entry>
`;

/** `followthrough.commitment.status_changed` → `commitment status changed`. */
const words = (type: string): string => type.split('.').slice(1).join(' ').replaceAll('_', ' ');

/** The collections in which subjects of events stand, by the noun of the type. */
const COLLECTIONS: Record<string, string> = { commitment: 'commitments', response: 'responses' };

function link(type: string, subject: string): string {
  const collection = COLLECTIONS[type.split('.')[1] ?? ''];
  return collection
    ? `<link rel="related" href="/v1/${collection}/${escaped(encodeURIComponent(subject))}"/>\n`
    : '';
}

/** The first of these that the event has: a change of status, or what was written. */
function summary(type: string, data: CloudEvent['data']): string {
  if (typeof data['from'] === 'string') return `${data['from']} → ${String(data['to'])}`;
  const text = data['narrative'] ?? data['title'] ?? data['reason'];
  return typeof text === 'string' ? shortened(text) : words(type);
}

/** A summary is no copy of the text; two hundred whole ones would be more than an answer holds. */
const LONGEST_SUMMARY = 2000;
const shortened = (text: string): string =>
  text.length > LONGEST_SUMMARY
    ? `${text.slice(0, LONGEST_SUMMARY - 1).replace(/[\ud800-\udbff]$/, '')}…`
    : text;

/** Characters that XML 1.0 can not carry, even escaped, are left out. */
const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
