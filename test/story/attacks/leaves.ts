import { describe, expect, it } from 'vitest';
import { canonical } from '../../../shared/record/canonical.ts';
import { leafHash } from '../../../shared/tlog/merkle.ts';
import type { AuditEntry } from '../../../shared/trail/entry.ts';
import { caughtBy, findingsIn } from '../../kit/strangers/auditor.ts';
import { publishedLog } from '../../kit/strangers/forger.ts';
import { relogged } from '../../kit/strangers/relog.ts';
import type { Scene } from '../../kit/strangers/scene.ts';

const INDEX = 7;

/** What each does to the text of an entry, and what the check says to it. */
const FORMS: [name: string, edit: (text: string) => Buffer, says: RegExp][] = [
  ['a key twice', (text) => Buffer.from(text.replace('{', '{"action":"verify",')), /RFC 8785/],
  [
    'a lone surrogate, escaped',
    (text) => Buffer.from(text.replace(/"commandId":"/, '"commandId":"\\ud800')),
    /RFC 8785/,
  ],
  [
    'a lone surrogate, as bytes',
    (text) => {
      const at = Buffer.byteLength(text.slice(0, text.indexOf('"commandId":"') + 13));
      const bytes = Buffer.from(text);
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([0xed, 0xa0, 0x80]), bytes.subarray(at)]);
    },
    /not UTF-8/,
  ],
  ['a byte order mark before it', (text) => Buffer.from(`\ufeff${text}`), /not JSON|RFC 8785/],
  ['a newline behind it', (text) => Buffer.from(`${text}\n`), /RFC 8785/],
  ['another entry behind it', (text) => Buffer.from(text + text), /not JSON/],
  ['spaces in it', (text) => Buffer.from(text.replace(':', ': ')), /RFC 8785/],
  ['keys in another order', (text) => Buffer.from(reversed(text)), /RFC 8785/],
  ['an escape that need not be', (text) => Buffer.from(text.replace('"v":', '"\\u0076":')), /RFC 8785/],
  ['a number written in another way', (text) => Buffer.from(text.replace('"v":1', '"v":1.0')), /RFC 8785/],
  [
    'a field that nobody knows',
    (text) => Buffer.from(canonical({ ...(JSON.parse(text) as object), zzz: 1 })),
    /nvalid/,
  ],
  [
    'a time that no clock shows',
    (text) => Buffer.from(text.replace(/"recordedAt":"\d{4}-\d\d-\d\d/, '"recordedAt":"2026-02-30')),
    /no clock/,
  ],
  [
    'a node of the tree',
    (text) => Buffer.concat([leafHash(Buffer.from(text)), leafHash(Buffer.from(text))]),
    /not UTF-8|not JSON/,
  ],
  ['nothing', () => Buffer.alloc(0), /not JSON/],
];

/** Entries that are written to be read in two ways, in a log that is signed as it should be. */
export const attacksOnLeaves = (here: () => Scene) =>
  describe('leaves in another form, signed with the stolen keys', () => {
    it('the true one, signed again, holds', async () => {
      const report = await relogged(here(), (leaves) => leaves);
      expect(findingsIn(report)).toBe('');
      expect(report.exit).toBe(0);
    });

    it.each(FORMS)('%s', async (_, edit, says) => {
      const report = await relogged(here(), (leaves) =>
        leaves.with(INDEX, edit(leaves[INDEX]?.toString() ?? '')),
      );
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toContain('entries');
      expect(findingsIn(report)).toMatch(new RegExp(`entries: entry ${INDEX}: .*(${says.source})`));
    });

    it('an entry too long for a bundle of 256 to be fetched', async () => {
      const { stranger } = here();
      const { leaves } = await publishedLog(stranger);
      const entry = JSON.parse(leaves[INDEX]?.toString() ?? '{}') as AuditEntry;
      const long = Buffer.from(canonical({ ...entry, reasonCode: 'x'.repeat(20_000) }));
      const report = await relogged(here(), (own) => own.with(INDEX, long));
      expect(report.exit).toBe(1);
      expect(findingsIn(report)).toContain(`entries: entry ${INDEX}: it has`);
    });
  });

const reversed = (text: string): string =>
  JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text) as object).reverse()));
