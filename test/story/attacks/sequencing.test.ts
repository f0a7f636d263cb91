import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonical } from '../../../shared/record/canonical.ts';
import { sealData } from '../../../shared/record/event-record.ts';
import { ACT_TYPE } from '../../../shared/record/trail-record.ts';
import { eventItem, fromItem, recordItem } from '../../../shared/store/events.ts';
import { HEAD, LOG_HEAD, pendingSk, refusalKey } from '../../../shared/store/keys.ts';
import { edgeTiles, tilePath } from '../../../shared/tlog/tiles.ts';
import type { AuditEntry } from '../../../shared/trail/entry.ts';
import type { Options } from '../../../verify/verify.ts';
import { startInProcess } from '../../kit/in-process.ts';
import { registerCommitment, registerResponse } from '../../kit/sample.ts';
import { auditorOf, caughtBy, findingsIn } from '../../kit/strangers/auditor.ts';
import { publishedLog } from '../../kit/strangers/forger.ts';
import { type Scene, stage } from '../../kit/strangers/scene.ts';
import { type Item, strangerIn } from '../../kit/strangers/stranger.ts';
import { placeOf } from '../../kit/strangers/trail-rows.ts';
import { until } from '../../kit/wait.ts';

/**
 * Attacks in the seconds between a command and its place in the log, and on what the sequencer stands on. The log keeps what each of them
 * left in it, so the findings add up: each attack has streams of its own.
 */
let scene: Scene;
let kept: Options;

beforeAll(async () => {
  scene = await stage({ refusals: 5 });
  kept = {
    key: (await scene.auditor.text('/v1/audit/key')).trim(),
    policy: await scene.auditor.text('/v1/audit/policy'),
    since: await scene.auditor.text('/v1/audit/checkpoint'),
  };
});
afterAll(() => scene?.stop());

/** What is older than 4 s should have its place. */
const SOON: Options = { mergeDelay: 2000 };
const look = async (own: Options = SOON) => {
  const report = await scene.auditor.verifyUrl({ ...kept, ...own });
  return { report, caught: caughtBy(report), told: findingsIn(report) };
};
/** Looks until it is told. */
const toldSoon = (what: RegExp | string) =>
  until(async () => {
    const { told } = await look();
    expect(told).toMatch(what);
    return told;
  }, 30);

const rowAt = (stream: string, sequence: number) =>
  scene.stranger.item('audit', stream, `A#${String(sequence).padStart(10, '0')}`);
const entryIn = (row: Item | undefined) => JSON.parse(row?.['bytes']?.S ?? 'null') as AuditEntry;

/** Holds the sequencer still while an entry is in the trail and not in the log. */
async function between(
  work: () => Promise<{ stream: string; sequence: number }>,
  attack: (row: Item) => Promise<unknown>,
) {
  const { host } = scene.world.system;
  host.pause('audit-sequence');
  try {
    const { stream, sequence } = await work();
    const row = await until(() => rowAt(stream, sequence));
    await until(async () =>
      (await scene.stranger.item('log', 'pending', markerOf(row))) ? true : undefined,
    );
    await attack(row);
    return sequence;
  } finally {
    host.resume('audit-sequence');
    scene.stranger.keep();
  }
}
const markerOf = (row: Item): string => {
  const [pk, sk] = placeOf(row);
  return pendingSk(entryIn(row).recordedAt, { pk, sk });
};
const reported = (id: string, narrative: string) => async () => ({
  stream: id,
  sequence: await scene.report(id, narrative),
});

it('holds before anybody did anything, in time', async () => {
  const { report, told } = await look({ mergeDelay: 60_000 });
  expect(told).toBe('');
  expect(report.exit).toBe(0);
});

describe('before it was sequenced', () => {
  it('edit an entry: the record gives another one', async () => {
    const { quiet } = scene;
    const sequence = await between(reported(quiet, 'First'), (row) => {
      const entry = entryIn(row);
      const bytes = canonical({ ...entry, actor: { ...entry.actor, id: 'per_somebody_else' } });
      return scene.stranger.put('audit', { ...row, bytes: { S: bytes } });
    });
    await scene.settle();
    const { report, caught, told } = await look();
    expect(report.exit).toBe(1);
    expect(caught).toContain('records');
    expect(told).toMatch(new RegExp(`record ${quiet}/${sequence}: gives another entry than entry \\d+`));
  });

  it('starve an entry: its marker is deleted, and the log goes on without it', async () => {
    const { open } = scene;
    const sequence = await between(reported(open, 'Second'), (row) =>
      scene.stranger.remove('log', 'pending', markerOf(row)),
    );
    const told = await toldSoon(new RegExp(`record ${open}/${sequence}: .* has no entry in the log`));
    expect(told).not.toContain('streams:');
    // The next event of the stream waits 20 s for it, and no longer.
    await scene.report(open, 'Third');
    await scene.settle();
    expect((await look()).told).toMatch(
      new RegExp(`streams: entry \\d+, ${open}/\\d+: entry ${sequence} of the stream is missing`),
    );
  });

  it('delete the entry with its marker: the next event of the stream brings it back', async () => {
    const { done } = scene;
    const narrative = { narrative: 'Once more', status: 'in_progress' };
    const reopened = async () => {
      const { headers } = await scene.world.call(`GET /v1/commitments/${done}`);
      const version = Number(headers['etag']?.replace(/\D/g, ''));
      const { status, body } = await scene.world.call(`POST /v1/commitments/${done}/reopenings`, {
        as: 'auditor',
        version,
        body: { reason: 'Not done.' },
      });
      expect(status, JSON.stringify(body)).toBe(201);
      return { stream: done, sequence: version + 1 };
    };
    const sequence = await between(reopened, async (row) => {
      await scene.stranger.remove('log', 'pending', markerOf(row));
      await scene.stranger.remove('audit', ...placeOf(row));
    });
    await toldSoon(new RegExp(`record ${done}/${sequence}: .* has no entry in the log`));
    await scene.report(done, narrative.narrative);
    await scene.settle();
    const { told } = await look();
    expect(told).not.toContain(`record ${done}/${sequence}`);
  });

  it('cut the tail of a stream and rewind its head, with the trail: only a receipt tells', async () => {
    const { quiet, stranger, world } = scene;
    const head = await stranger.item('commands', quiet, HEAD);
    const before = await look();
    const sequence = await between(reported(quiet, 'Never said'), async (row) => {
      await stranger.remove('log', 'pending', markerOf(row));
      await stranger.remove('audit', ...placeOf(row));
      await stranger.remove('commands', quiet, `E#${String(entryIn(row).sequence).padStart(10, '0')}`);
      await stranger.put('commands', head ?? {});
    });
    await scene.settle();
    // Nothing in log, records and states is against it: this window is as long as the wait for a place.
    expect(caughtBy((await look()).report)).toEqual(before.caught);
    // Who was told in that time has what is missing here.
    await until(() => scene.receiver.received.find(({ id }) => id === `${quiet}/${sequence}`));
    const history = await world.all(`/v1/commitments/${quiet}/history`);
    expect(history.map(({ id }) => String(id))).not.toContain(`${quiet}/${sequence}`);
  });

  it('insert an entry that no record gives, back-dated', async () => {
    const { responseId, stranger } = scene;
    const row = await rowAt(responseId, 1);
    const entry = entryIn(row);
    const recordedAt = new Date(Date.now() - 3_600_000).toISOString();
    const forged = { ...entry, sequence: 2, recordedAt, claimedAt: recordedAt, eventId: `${responseId}/2` };
    const bytes = canonical({ ...forged, previousHash: entry.recordHash, recordHash: 'b'.repeat(64) });
    const at = { pk: responseId, sk: 'A#0000000002' };
    await stranger.put('audit', { pk: { S: at.pk }, sk: { S: at.sk }, bytes: { S: bytes } });
    await stranger.put('log', {
      ...{ pk: { S: 'pending' }, sk: { S: pendingSk(recordedAt, at) } },
      ...{ stream: { S: at.pk }, place: { S: at.sk } },
    });
    stranger.keep();
    await scene.world.system.host.fireSchedules('audit-sequence');
    await scene.settle();
    const { report, caught, told } = await look({ mergeDelay: 60_000 });
    expect(report.exit).toBe(1);
    expect(caught).toEqual(expect.arrayContaining(['back-dated', 'merge-delay']));
    expect(told).toMatch(/back-dated: entry \d+, rsp_\w+\/2: was recorded at .* though .* before it/);
    const bundle = await scene.auditor.verify(await scene.auditor.bundle(), kept);
    expect(findingsIn(bundle)).toContain(
      `records: stream ${responseId}: has 2 entries in the log and 1 records`,
    );
  });

  it('replay an entry, at its own place and at the next', async () => {
    const { stranger, responseId } = scene;
    const { size } = await publishedLog(stranger);
    const row = await rowAt(responseId, 1);
    const entry = entryIn(row);
    for (const sk of ['A#0000000001', 'A#0000000003']) {
      await stranger.put('audit', { ...row, sk: { S: sk } });
      await stranger.put('log', {
        ...{ pk: { S: 'pending' }, sk: { S: pendingSk(entry.recordedAt, { pk: responseId, sk }) } },
        ...{ stream: { S: responseId }, place: { S: sk } },
      });
    }
    stranger.keep();
    await scene.world.system.host.fireSchedules('audit-sequence');
    await scene.settle();
    const { leaves } = await publishedLog(stranger);
    const copies = leaves.filter((leaf) => leaf.toString() === row?.['bytes']?.S);
    expect([copies.length, leaves.length >= size]).toEqual([1, true]);
    expect((await look()).told).toMatch(/findings: entry \d+: entry-misplaced in rsp_\w+, record 3/);
  });

  it('reorder what waits: each stream keeps its order all the same', async () => {
    const { quiet, stranger } = scene;
    const first = await scene.report(quiet, 'One');
    await between(reported(quiet, 'Two'), async (row) => {
      const marker = await stranger.item('log', 'pending', markerOf(row));
      await stranger.remove('log', 'pending', markerOf(row));
      await stranger.put('log', { ...marker, sk: { S: `2000-01-01T00:00:00.000Z#${quiet}#x` } });
    });
    await scene.settle();
    const { leaves } = await publishedLog(stranger);
    const order = leaves.flatMap((leaf) => {
      const { stream, sequence } = JSON.parse(leaf.toString()) as AuditEntry;
      return stream === quiet ? [sequence] : [];
    });
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).toEqual(expect.arrayContaining([first, first + 1]));
  });

  it('write an event without a change: it is told, and the state does not know it', async () => {
    const { quiet, stranger } = scene;
    const records = (await stranger.items('commands', quiet, 'E#')).map(fromItem);
    const last = records.at(-1);
    if (!last) throw new Error('no record');
    const hashed = JSON.parse(last.bytes) as Record<string, unknown>;
    const placed = {
      ...{ stream: quiet, sequence: last.sequence + 1, time: new Date().toISOString() },
      ...{ actor: hashed['actor'] as { id: string; role: string }, action: 'report-progress' },
      ...{ commandId: 'cmd_forged', correlation: 'forged' },
    };
    const forged = sealData(String(hashed['type']), { progress: 77 }, placed, last.hash);
    await stranger.put('commands', eventItem(forged));
    stranger.keep();
    await until(() => rowAt(quiet, forged.sequence));
    await scene.settle();
    const { report, caught, told } = await look();
    expect(report.exit).toBe(1);
    expect(caught).toContain('states');
    expect(told).toMatch(new RegExp(`states: ${quiet}.*`));
  });

  it('stop the sequencer, and stop the recorder', async () => {
    const { host } = scene.world.system;
    for (const name of ['audit-sequence', 'audit-record']) {
      host.pause(name);
      try {
        const sequence = await scene.report(scene.done, `While ${name} stands still`);
        await toldSoon(new RegExp(`record ${scene.done}/${sequence}: .* has no entry in the log`));
      } finally {
        host.resume(name);
      }
      await scene.settle();
    }
    const { caught, told } = await look();
    expect(caught).toContain('merge-delay');
    expect(told).toMatch(/merge-delay: entry \d+, .*came into a checkpoint [\d.]+ s later/);
  });

  it('shift clocks: what is claimed, and what is recorded, ahead and behind', async () => {
    const claim = async (at: number) => {
      const target = `per_${at}`.replace('-', 'm');
      const placed = {
        ...{ stream: `acts.${target}`, sequence: 1, time: new Date(Date.now() + at).toISOString() },
        ...{ actor: { id: target, role: 'person' }, action: 'sign-in' },
        ...{ commandId: 'cmd_shifted', correlation: 'shifted' },
      };
      const record = sealData(
        ACT_TYPE,
        { target: { type: 'person', id: target }, route: 'sign-in' },
        placed,
        null,
      );
      await scene.stranger.put('commands', recordItem(refusalKey(record.stream, 1), record));
      await until(() => rowAt(record.stream, 1));
      return record.stream;
    };
    const [behind, ahead] = [await claim(-2 * 86_400_000), await claim(3_600_000)];
    scene.stranger.keep();
    await scene.settle();
    const claimed = await look();
    expect(claimed.told).toMatch(new RegExp(`late: entry \\d+, ${behind}/1: is said to be of`));
    expect(claimed.told).toMatch(
      new RegExp(`back-dated: entry \\d+, ${ahead}/1: claims .*, after it was recorded`),
    );

    for (const shift of [-600_000, 600_000]) {
      const { open, stranger } = scene;
      const target = `per_recorded${Math.abs(shift)}${shift < 0 ? 'behind' : 'ahead'}`;
      expect(open).toBeDefined();
      await between(
        async () => {
          const placed = {
            ...{ stream: `acts.${target}`, sequence: 1, time: new Date().toISOString() },
            ...{ actor: { id: target, role: 'person' }, action: 'sign-in' },
            ...{ commandId: 'cmd_shifted', correlation: 'shifted' },
          };
          const data = { target: { type: 'person', id: target }, route: 'sign-in' };
          const record = sealData(ACT_TYPE, data, placed, null);
          await stranger.put('commands', recordItem(refusalKey(record.stream, 1), record));
          return { stream: record.stream, sequence: 1 };
        },
        async (row) => {
          const entry = entryIn(row);
          const recordedAt = new Date(Date.parse(entry.recordedAt) + shift).toISOString();
          const marker = await stranger.item('log', 'pending', markerOf(row));
          await stranger.remove('log', 'pending', markerOf(row));
          const [pk, sk] = placeOf(row);
          await stranger.put('audit', { ...row, bytes: { S: canonical({ ...entry, recordedAt }) } });
          await stranger.put('log', { ...marker, sk: { S: pendingSk(recordedAt, { pk, sk }) } });
        },
      );
      await scene.settle();
      const { told } = await look({ mergeDelay: 60_000 });
      expect(told).toMatch(new RegExp(`back-dated: entry \\d+, acts.${target}/1: was recorded at`));
    }
  });
});

describe('what the sequencer stands on', () => {
  const host = () => scene.world.system.host;
  const failures = () => host().invocations()['audit-sequence']?.errors ?? 0;
  const alarms = (code: string) =>
    readFileSync(join(scene.world.dataDir, 'logs', 'host.log'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('integrity finding') && line.includes(code)).length;

  /** The sequencer refuses and rings; put right again, it goes on, and the trail tells for ever that it had to refuse. */
  async function refuses(code: string, attack: () => Promise<void>) {
    await scene.settle();
    const { size } = await publishedLog(scene.stranger);
    host().pause('audit-sequence');
    await attack();
    const before = failures();
    try {
      await scene.report(scene.open, `While ${code}`);
      await until(async () => ((await scene.stranger.items('log', 'pending')).length > 0 ? true : undefined));
      await expect(host().fireSchedules('audit-sequence')).resolves.toBeUndefined();
      await until(() => (failures() > before && alarms(code) > 0 ? true : undefined));
      expect((await scene.stranger.paths('checkpoints/')).sort().at(-1)).toContain(String(size));
    } finally {
      await scene.stranger.undo();
      host().resume('audit-sequence');
    }
    await scene.settle();
    expect((await publishedLog(scene.stranger)).size).toBeGreaterThan(size);
    const { told } = await look();
    expect(told).toMatch(new RegExp(`findings: entry \\d+: ${code} in log`));
  }

  it('roll back the head of the log', async () => {
    const old = await scene.stranger.item('log', LOG_HEAD.pk, LOG_HEAD.sk);
    await scene.report(scene.open, 'So that the head goes on');
    await scene.settle();
    await refuses('head-behind', () => scene.stranger.put('log', old ?? {}));
  });

  it('edit the head of the log', async () => {
    await refuses('head-altered', async () => {
      const head = await scene.stranger.item('log', LOG_HEAD.pk, LOG_HEAD.sk);
      await scene.stranger.put('log', {
        ...head,
        range: { B: Buffer.alloc(head?.['range']?.B?.length ?? 32, 1) },
      });
    });
  });

  it.each(['overwrite', 'hide'])('%s the tile that the log goes on from', async (how) => {
    await refuses(how === 'hide' ? 'tile-missing' : 'tile-altered', async () => {
      const { size } = await publishedLog(scene.stranger);
      const [tile] = edgeTiles(size);
      if (!tile) throw new Error('no edge');
      const path = tilePath(tile.level, tile.n, tile.width);
      const bytes = Buffer.from((await scene.stranger.object(path)) ?? []);
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      if (how === 'hide') await scene.stranger.removeObject(path);
      else await scene.stranger.putObject(path, bytes);
    });
  });

  it('recreate the log: its head is deleted, its checkpoints stand', async () => {
    await refuses('head-missing', async () => {
      for (const pk of [LOG_HEAD.pk, 'batches', 'times', 'streams'])
        for (const item of await scene.stranger.items('log', pk))
          await scene.stranger.remove('log', ...placeOf(item));
    });
  });

  it('recreate the log: its objects are gone too, and it begins again', async () => {
    const { stranger, world } = scene;
    await scene.settle();
    const since = await scene.auditor.text('/v1/audit/checkpoint');
    for (const path of [...(await stranger.paths('tile/')), ...(await stranger.paths('checkpoints/'))])
      await stranger.removeObject(path);
    for (const pk of [LOG_HEAD.pk, 'batches', 'times', 'streams'])
      for (const item of await stranger.items('log', pk)) await stranger.remove('log', ...placeOf(item));
    for (const item of await stranger.everything('audit'))
      if (item['sk']?.S?.startsWith('L#')) await stranger.remove('audit', ...placeOf(item));
    stranger.keep();
    // A new stream: another would be held back for 20 s, since it lacks what was before.
    await registerCommitment(world, scene.responseId);
    await until(async () => ((await stranger.paths('checkpoints/')).length > 0 ? true : undefined), 60);
    await scene.settle();
    const { report, caught, told } = await look({ ...SOON, since });
    expect(report.exit).toBe(1);
    expect(caught).toEqual(expect.arrayContaining(['witness-quorum', 'consistency', 'records']));
    expect(told).toContain('the log was rolled back');
    expect(readFileSync(join(world.dataDir, 'logs', 'host.log'), 'utf8')).toContain(
      'a witness did not cosign',
    );
  });

  it('swap the key: nothing is signed with another one, and the auditor has the true one', async () => {
    const { stranger, world } = scene;
    const size = (await publishedLog(stranger)).size;
    await world.system.stop();
    stranger.stop();
    const keys = join(world.dataDir, 'host', 'keys');
    const file = readdirSync(keys).find((name) => name.includes('LogSigningKey')) ?? '';
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(join(keys, file), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const again = await startInProcess({}, world.dataDir);
    const fresh = { world: again, stranger: await strangerIn(again), auditor: auditorOf(again) };
    const { receiver } = scene;
    const stop = async () => {
      fresh.stranger.stop();
      await again.remove();
      await receiver.stop();
    };
    scene = { ...scene, ...fresh, stop };
    await registerResponse(again);
    await until(() =>
      (again.system.host.invocations()['audit-sequence']?.errors ?? 0) > 0 ? true : undefined,
    );
    expect(alarms('checkpoint-forked')).toBeGreaterThan(0);
    expect((await publishedLog(scene.stranger)).size).toBe(size);
    const { report, caught, told } = await look();
    expect(report.exit).toBe(1);
    expect(caught).toContain('key');
    expect(told).toMatch(/key: key: the folder says .*, you gave/);
    // Who brings no key is told all the same: what was signed before was signed by another.
    const trusting = await scene.auditor.verifyUrl();
    expect(trusting.exit).toBe(1);
    expect(caughtBy(trusting)).toContain('checkpoint-signature');
  });
});
