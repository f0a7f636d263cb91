import { beforeAll, describe, expect, it } from 'vitest';
import { canonical } from '../../../shared/record/canonical.ts';
import { evidenceKey, LOG_HEAD } from '../../../shared/store/keys.ts';
import { PATIENT, verdictOn } from '../../kit/strangers/attack.ts';
import { caughtBy, findingsIn } from '../../kit/strangers/auditor.ts';
import type { Scene } from '../../kit/strangers/scene.ts';
import { placeOf, type Standing, standingIn } from '../../kit/strangers/trail-rows.ts';
import { until } from '../../kit/wait.ts';

/** Whoever writes into the table of the trail, behind its functions, once everything is sequenced. */
export const attacksOnRows = (here: () => Scene) =>
  describe('rows of the trail', () => {
    // What is newer than 30 s is shown out of the log itself: the table can deceive nobody about it yet.
    beforeAll(() =>
      until(async () => {
        const head = await here().stranger.item('log', LOG_HEAD.pk, LOG_HEAD.sk);
        return Date.now() - Date.parse(head?.['time']?.S ?? '') > 30_000 ? true : undefined;
      }, 60),
    );
    const rows = () => standingIn(here().stranger);
    /** A refusal is what somebody would rather not have in there. */
    const refusal = async (): Promise<Standing> => {
      const found = (await rows()).find(({ entry }) => entry.outcome === 'refused');
      if (!found) throw new Error('nothing was refused');
      return found;
    };

    it('edit a row', async () => {
      const { index, row, entry } = await refusal();
      const bytes = canonical({ ...entry, actor: { ...entry.actor, id: 'per_somebody_else' } });
      const report = await verdictOn(here(), ({ stranger }) =>
        stranger.put('audit', { ...row, bytes: { S: bytes } }),
      );
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toEqual(['rows']);
      expect(findingsIn(report)).toContain(`other bytes than entry ${index}`);
    });

    it.each(['actor', 'target', 'action', 'index'])('edit only an index column: %s', async (column) => {
      const { index, item } = await refusal();
      const value = column === 'index' ? '0000000000000000' : 'somebody-else';
      const report = await verdictOn(here(), ({ stranger }) =>
        stranger.put('audit', { ...item, [column]: { S: value } }),
      );
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toEqual(['rows']);
      expect(findingsIn(report)).toMatch(
        column === 'index' ? /is there twice|says it is entry 0/ : `column ${column} is`,
      );
      expect(index).toBeGreaterThan(0);
    });

    it('take an entry out of the chain of custody of its evidence', async () => {
      const named = (await rows()).find(({ entry }) => entry.evidence !== undefined);
      const { pk, sk } = evidenceKey(named?.entry.evidence?.[0] ?? '', named?.index ?? 0);
      expect(await here().stranger.item('audit', pk, sk)).toBeDefined();
      const report = await verdictOn(here(), ({ stranger }) => stranger.remove('audit', pk, sk));
      expect(caughtBy(report)).toEqual(['rows']);
      expect(findingsIn(report)).toContain('is not found under the evidence');
    });

    it('take an entry out of the index of what was refused', async () => {
      const { item } = await refusal();
      const { exception: _, ...rest } = item;
      const report = await verdictOn(here(), ({ stranger }) => stranger.put('audit', rest));
      expect(caughtBy(report)).toEqual(['rows']);
    });

    it.each([
      ['a row', 1],
      ['two neighbours', 2],
    ])('delete %s', async (_, many) => {
      const all = await rows();
      const { index } = await refusal();
      const gone = all.slice(index, index + many);
      const report = await verdictOn(here(), async ({ stranger }) => {
        for (const { row, item } of gone)
          for (const one of [row, item]) await stranger.remove('audit', ...placeOf(one));
      });
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toEqual(['rows']);
      for (const { index } of gone) expect(findingsIn(report)).toContain(`entry ${index}`);
    });

    it('delete the bytes alone, or the place in the log alone', async () => {
      const { row, item } = await refusal();
      for (const one of [row, item]) {
        const report = await verdictOn(here(), ({ stranger }) => stranger.remove('audit', ...placeOf(one)));
        expect(report.exit).toBe(1);
        expect(caughtBy(report)).toEqual(['rows']);
      }
    });

    it('delete a whole stream: its rows, its records and its state', async () => {
      const scene = here();
      const report = await verdictOn(scene, async ({ stranger, open }) => {
        for (const item of await stranger.items('audit', open))
          await stranger.remove('audit', ...placeOf(item));
        for (const item of await stranger.items('commands', open))
          await stranger.remove('commands', ...placeOf(item));
        await stranger.remove('log', 'streams', open);
      });
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toEqual(['records', 'rows']);
      expect(findingsIn(report)).toMatch(
        new RegExp(`records: stream ${scene.open}: has \\d entries.* 0 records`),
      );
    });

    it('swap two rows, and swap their places', async () => {
      const [one, other] = (await rows()).filter(({ entry }) => entry.outcome === 'refused');
      if (!one || !other) throw new Error('too few');
      const bytes = await verdictOn(here(), async ({ stranger }) => {
        await stranger.put('audit', { ...one.row, bytes: other.row['bytes'] ?? { S: '' } });
        await stranger.put('audit', { ...other.row, bytes: one.row['bytes'] ?? { S: '' } });
      });
      expect(caughtBy(bytes)).toEqual(['rows']);
      const places = await verdictOn(here(), async ({ stranger }) => {
        await stranger.put('audit', { ...one.item, index: other.item['index'] ?? { S: '' } });
        await stranger.put('audit', { ...other.item, index: one.item['index'] ?? { S: '' } });
      });
      expect(caughtBy(places)).toEqual(['rows']);
    });

    it('insert rows that the log does not have: back-dated, a copy at another place, one that waits for ever', async () => {
      const scene = here();
      const { entry, item } = await refusal();
      const { stream } = entry;
      const last = Math.max(
        ...(await rows()).flatMap((one) => (one.entry.stream === stream ? [one.entry.sequence] : [])),
      );
      const at = { pk: { S: stream }, sk: { S: `A#${String(last + 1).padStart(10, '0')}` } };
      const beside = { ...item, sk: { S: at.sk.S.replace('A', 'L') } };
      const recordedAt = '2025-01-01T00:00:00.000Z';
      const bytes = (more: object) => ({ S: canonical({ ...entry, ...more }) });
      const backDated = bytes({ sequence: last + 1, recordedAt, claimedAt: recordedAt });
      const marker = {
        pk: { S: 'pending' },
        sk: { S: `${recordedAt}#${stream}#${at.sk.S}` },
        stream: at.pk,
        place: at.sk,
      };
      const inserts: [says: RegExp, attack: (scene: Scene) => Promise<void>][] = [
        [
          /says it is entry \d+, which is another/,
          async ({ stranger }) => {
            await stranger.put('audit', { ...at, bytes: backDated });
            await stranger.put('audit', beside);
          },
        ],
        [
          /holds the entry of/,
          async ({ stranger }) => {
            await stranger.put('audit', { ...at, bytes: bytes({}) });
            await stranger.put('audit', beside);
          },
        ],
        [
          /was recorded at 2025-.* and never came into the log/,
          async ({ stranger }) => {
            await stranger.put('audit', { ...at, bytes: backDated });
            await stranger.put('log', marker);
          },
        ],
      ];
      for (const [says, attack] of inserts)
        try {
          await attack(scene);
          const report = await scene.auditor.verifyUrl(PATIENT);
          expect(report.exit).toBe(1);
          expect(caughtBy(report)).toEqual(['rows']);
          expect(findingsIn(report)).toMatch(says);
        } finally {
          await scene.stranger.undo();
        }
    });

    it('hide rows from a query', async () => {
      const scene = here();
      const { entry } = await refusal();
      const query = `/v1/audit/entries?actor=${entry.actor.id}&outcome=refused&limit=200`;
      const counted = async () => (await scene.world.all(query, { as: 'auditor' })).length;
      const before = await counted();
      const hidden = (await rows()).filter(
        (one) => one.entry.outcome === 'refused' && one.entry.actor.id === entry.actor.id,
      );
      let seen: number | undefined;
      const report = await verdictOn(scene, async ({ stranger }) => {
        for (const { item } of hidden.slice(0, 3))
          await stranger.put('audit', { ...item, actor: { S: 'nobody' } });
        seen = await counted();
      });
      expect(before).toBe(hidden.length);
      // The view was deceived; what tells is the log.
      expect(seen).toBeLessThan(before);
      expect(caughtBy(report)).toEqual(['rows']);
      expect(await counted()).toBe(before);
    });
  });
