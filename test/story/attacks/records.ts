import { describe, expect, it } from 'vitest';
import { fold } from '../../../shared/commitment/evolve.ts';
import { canonical, sha256 } from '../../../shared/record/canonical.ts';
import { type EventRecord, type Hashed, open, textHash } from '../../../shared/record/event-record.ts';
import { eventItem, fromItem } from '../../../shared/store/events.ts';
import { CARD, HEAD } from '../../../shared/store/keys.ts';
import { storeHead } from '../../../shared/store/stored-state.ts';
import { verdictOn } from '../../kit/strangers/attack.ts';
import { caughtBy, findingsIn } from '../../kit/strangers/auditor.ts';
import type { Scene } from '../../kit/strangers/scene.ts';
import type { Stranger } from '../../kit/strangers/stranger.ts';
import { placeOf } from '../../kit/strangers/trail-rows.ts';

const recordsOf = async (stranger: Stranger, stream: string, prefix = 'E#'): Promise<EventRecord[]> =>
  (await stranger.items('commands', stream, prefix)).map(fromItem);

const resealed = (record: EventRecord, change: Partial<Hashed>): EventRecord => {
  const bytes = canonical({ ...(JSON.parse(record.bytes) as Hashed), ...change });
  return { ...record, bytes, hash: sha256(bytes) };
};

/** Whoever writes into the table of the commands: into records, their texts and the state that stands beside them. */
export const attacksOnRecords = (here: () => Scene) =>
  describe('records and states', () => {
    it('edit a record, with its hash or without', async () => {
      const { done } = here();
      const edit = (withHash: boolean) =>
        verdictOn(here(), async ({ stranger }) => {
          const [, record] = await recordsOf(stranger, done);
          if (!record) throw new Error('no record');
          const forged = resealed(record, { time: '2025-01-01T00:00:00.000Z' });
          await stranger.put('commands', eventItem(withHash ? forged : { ...forged, hash: record.hash }));
        });
      const [plain, hashed] = [await edit(false), await edit(true)];
      for (const report of [plain, hashed]) {
        expect(report.exit).toBe(1);
        expect(caughtBy(report)).toContain('records');
      }
      expect(findingsIn(plain)).toContain(`record ${done}/2: has other bytes than were hashed`);
      expect(findingsIn(hashed)).toContain(`record ${done}/2: is not the one of entry`);
    });

    it('recompute a chain from an edited record to its end', async () => {
      const { done } = here();
      const report = await verdictOn(here(), async ({ stranger }) => {
        let previousHash: string | null = null;
        for (const [at, record] of (await recordsOf(stranger, done)).entries()) {
          const forged = resealed(record, { previousHash, ...(at === 1 && { command: 'cmd_forged' }) });
          await stranger.put('commands', eventItem(forged));
          previousHash = forged.hash;
        }
      });
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toEqual(['records']);
      expect(findingsIn(report)).toContain(`record ${done}/2: is not the one of entry`);
    });

    it.each([
      ['a record', 1],
      ['two neighbours', 2],
    ])('delete %s out of the middle', async (_, many) => {
      const { done } = here();
      const report = await verdictOn(here(), async ({ stranger }) => {
        for (const item of (await stranger.items('commands', done, 'E#')).slice(1, 1 + many))
          await stranger.remove('commands', ...placeOf(item));
      });
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toContain('records');
      expect(findingsIn(report)).toContain(`record ${done}/${2 + many}: is not behind record 1`);
    });

    it('delete a refusal out of the records of refusals', async () => {
      const { open } = here();
      const report = await verdictOn(here(), async ({ stranger }) => {
        const items = await stranger.items('commands', `refusals.${open}`, 'R#');
        await stranger.remove('commands', ...placeOf(items.at(-1) ?? {}));
      });
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toEqual(['records']);
    });

    it('cut the tail of a stream and rewind its head, after it was sequenced', async () => {
      const { open } = here();
      const report = await verdictOn(here(), async ({ stranger }) => {
        const items = await stranger.items('commands', open, 'E#');
        const last = items.at(-1) ?? {};
        const { sequence } = fromItem(last);
        await stranger.remove('commands', ...placeOf(last));
        const head = await stranger.item('commands', open, HEAD);
        const doc = JSON.parse(head?.['doc']?.S ?? '{}') as object;
        await stranger.put('commands', {
          ...head,
          version: { N: String(sequence - 1) },
          doc: { S: JSON.stringify({ ...doc, version: sequence - 1, narrative: 'We wait for the tender.' }) },
        });
      });
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toContain('records');
      expect(findingsIn(report)).toMatch(new RegExp(`records: stream ${open}: has \\d+ entries`));
    });

    it.each([
      ['status', HEAD, { status: 'verified_complete' }],
      ['progress', HEAD, { progress: 90 }],
      ['due date', HEAD, { due: { date: '2030-01-01', precision: 'day', kind: 'complete', text: null } }],
      ['title', CARD, { title: 'Something smaller' }],
    ])('change a state without an entry: the %s', async (_, sk, change) => {
      const { open } = here();
      const report = await verdictOn(here(), async ({ stranger }) => {
        const item = await stranger.item('commands', open, sk);
        const doc = JSON.parse(item?.['doc']?.S ?? '{}') as object;
        await stranger.put('commands', { ...item, doc: { S: JSON.stringify({ ...doc, ...change }) } });
      });
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toEqual(['states']);
      expect(findingsIn(report)).toContain(`states: ${open}`);
    });

    it('set a state back to exactly how it was, and let the records stand', async () => {
      const { done } = here();
      const report = await verdictOn(here(), async ({ stranger }) => {
        const records = await recordsOf(stranger, done);
        const before = fold(records.slice(0, -1).map((record) => open(record)));
        if (!before) throw new Error('nothing was before');
        const { version } = before.head;
        const item = await stranger.item('commands', done, HEAD);
        const doc = JSON.stringify(storeHead(before.head));
        await stranger.put('commands', { ...item, version: { N: String(version) }, doc: { S: doc } });
      });
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toEqual(['states']);
      expect(findingsIn(report)).toMatch(
        new RegExp(`states: ${done}: shows version \\d+, the log goes to event`),
      );
    });

    it('delete a state, and let the records stand', async () => {
      const { quiet } = here();
      const report = await verdictOn(here(), async ({ stranger }) => {
        for (const item of await stranger.items('commands', quiet, 'S#'))
          await stranger.remove('commands', ...placeOf(item));
      });
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toEqual(['states']);
      expect(findingsIn(report)).toContain(`${quiet}: has records, and its state is not shown`);
    });

    it('erase to hide: take a text away without two people', async () => {
      const { open } = here();
      const report = await verdictOn(here(), (scene) => retext(scene, open, () => undefined));
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toContain('records');
      expect(findingsIn(report)).toMatch(
        new RegExp(`record ${open}/\\d+: lacks its text narrative, and no approved erasure`),
      );
    });

    it('edit a text, with its own salt or with another', async () => {
      const { open } = here();
      for (const salt of [undefined, Buffer.alloc(16, 7).toString('base64url')]) {
        const report = await verdictOn(here(), (scene) =>
          retext(scene, open, ([, own]) => ['We never waited.', salt ?? own]),
        );
        expect(report.exit).toBe(1);
        expect(caughtBy(report)).toContain('records');
        expect(findingsIn(report)).toMatch(new RegExp(`record ${open}/\\d+: has another text narrative`));
      }
    });

    it('put a text back that was redacted, and another in its place', async () => {
      const { done } = here();
      const report = await verdictOn(here(), async ({ stranger }) => {
        const record = (await recordsOf(stranger, done)).find(
          ({ bytes, texts }) => bytes.includes('"narrative":{"sha256"') && !texts['narrative'],
        );
        if (!record) throw new Error('nothing was redacted');
        const salt = Buffer.alloc(16, 1).toString('base64url');
        expect(textHash('It began in Paris.', salt)).toHaveLength(64);
        await stranger.put(
          'commands',
          eventItem({ ...record, texts: { ...record.texts, narrative: ['It began in Paris.', salt] } }),
        );
      });
      expect(report.exit).toBe(1);
      expect(findingsIn(report)).toContain('has another text narrative than was hashed');
    });
  });

type Text = [text: string, salt: string];

/** Changes or removes the first narrative that stands in a stream. */
async function retext(
  { stranger }: Scene,
  stream: string,
  change: (text: Text) => Text | undefined,
): Promise<void> {
  const record = (await recordsOf(stranger, stream)).find(({ texts }) => texts['narrative']);
  const { narrative, ...texts } = record?.texts ?? {};
  if (!record || !narrative) throw new Error('no narrative');
  const next = change(narrative);
  await stranger.put(
    'commands',
    eventItem({ ...record, texts: { ...texts, ...(next && { narrative: next }) } }),
  );
}
