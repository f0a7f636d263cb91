import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { checkpointPath } from '../../../shared/store/log-objects.ts';
import { decodeBundle, encodeBundle } from '../../../shared/tlog/bundle.ts';
import { entriesPath, tilePath, tileWidth } from '../../../shared/tlog/tiles.ts';
import { PATIENT, verdictOn } from '../../kit/strangers/attack.ts';
import { caughtBy, findingsIn } from '../../kit/strangers/auditor.ts';
import { publishedLog } from '../../kit/strangers/forger.ts';
import type { Scene } from '../../kit/strangers/scene.ts';

/** Whoever reaches the objects of the log behind their locks; and what the locks say to whoever does not. */
export const attacksOnObjects = (here: () => Scene) =>
  describe('objects of the log', () => {
    const bucketOf = (paths: readonly string[]) => {
      if (paths.length === 0) throw new Error('no objects');
    };

    it('overwrite and delete through the object store itself: the locks hold', async () => {
      const { stranger, world } = here();
      const { size } = await publishedLog(stranger);
      bucketOf(await stranger.paths());
      const s3 = new S3Client({
        region: 'eu-west-1',
        credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
        endpoint: world.system.endpoints.objects,
        forcePathStyle: true,
      });
      const Bucket = stranger.bucket;
      const paths = [checkpointPath(size), tilePath(0, 0), entriesPath(0)];
      for (const Key of paths) {
        const before = await stranger.object(Key);
        for (const IfNoneMatch of [undefined, '*'])
          await expect(
            s3.send(
              new PutObjectCommand({ Bucket, Key, Body: 'another', ...(IfNoneMatch && { IfNoneMatch }) }),
            ),
          ).rejects.toThrow(/AccessDenied|Forbidden|deny|PreconditionFailed|condition/i);
        await expect(s3.send(new DeleteObjectCommand({ Bucket, Key }))).rejects.toThrow(
          /deny|denied|Forbidden/i,
        );
        expect(await stranger.object(Key)).toEqual(before);
      }
      s3.destroy();
    });

    it('overwrite a tile', async () => {
      const report = await verdictOn(here(), async ({ stranger }) => {
        const tile = Buffer.from((await stranger.object(tilePath(0, 0))) ?? []);
        tile[40] = (tile[40] ?? 0) ^ 1;
        await stranger.putObject(tilePath(0, 0), tile);
      });
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toEqual(['tiles']);
      expect(findingsIn(report)).toContain('tile/0/000: differs from what the entries give, first at hash 1');
    });

    it('edit an entry in its bundle, alone or with the tiles above it', async () => {
      const alone = await verdictOn(here(), ({ stranger }) => editLeaf(stranger, 5));
      expect(alone.exit).toBe(1);
      expect(caughtBy(alone)).toEqual(expect.arrayContaining(['root', 'tiles']));
      expect(findingsIn(alone)).toContain('first at hash 5');
    });

    it('drop an entry from a bundle, add one, and put bytes behind it', async () => {
      const edits: ((entries: Uint8Array[]) => Uint8Array)[] = [
        (entries) => encodeBundle(entries.slice(0, -1)),
        (entries) => Buffer.concat([encodeBundle(entries), encodeBundle([Buffer.from('one more')])]),
        (entries) => Buffer.concat([encodeBundle(entries), Buffer.from([0])]),
      ];
      for (const edit of edits) {
        const scene = here();
        const report = await scene.auditor.verify(
          (await scene.auditor.bundle()).set(entriesPath(0), Buffer.from(edit(await bundleOf(scene, 0)))),
        );
        expect(report.exit).toBe(1);
        expect(caughtBy(report)).toContain('tree-size');
      }
    });

    it.each([
      ['a tile', tilePath(0, 0), 'tiles'],
      ['a bundle', entriesPath(0), 'tree-size'],
    ])('hide %s: no bundle can be written, and by its address it is missed', async (_, path, check) => {
      const { stranger, auditor } = here();
      try {
        await stranger.removeObject(path);
        const report = await auditor.verifyUrl(PATIENT);
        expect(report.exit).toBe(1);
        expect(caughtBy(report)).toContain(check);
        expect(findingsIn(report)).toContain(`${path}: is not there, though the signed size says`);
      } finally {
        await stranger.undo();
      }
    });

    it('overwrite a checkpoint with an older one, and edit its size', async () => {
      const { stranger, auditor } = here();
      const { size, note } = await publishedLog(stranger);
      const [oldest = ''] = (await stranger.paths('checkpoints/')).sort();
      const old = await stranger.object(oldest);
      const edited = note.replace(`\n${size}\n`, `\n${size - 1}\n`);
      const older = await auditor.verify(
        (await auditor.bundle()).set('checkpoint', old ?? Buffer.alloc(0)),
        PATIENT,
      );
      expect(caughtBy(older)).toEqual(expect.arrayContaining(['consistency']));
      expect(findingsIn(older)).toContain('the log was rolled back');
      const report = await auditor.verify(
        (await auditor.bundle()).set('checkpoint', Buffer.from(edited)),
        PATIENT,
      );
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toEqual(['checkpoint-signature']);
    });

    it('a tree of nodes given as leaves: half as many, of 64 bytes each', async () => {
      const { stranger, auditor } = here();
      const { size } = await publishedLog(stranger);
      const files = await auditor.bundle();
      const tile = files.get(tilePath(0, 0)) ?? Buffer.alloc(0);
      const nodes = Array.from({ length: 128 }, (_, at) => tile.subarray(at * 64, (at + 1) * 64));
      files.set(entriesPath(0), Buffer.from(encodeBundle([...nodes, ...nodes])));
      const report = await auditor.verify(files, PATIENT);
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toEqual(expect.arrayContaining(['root', 'tiles', 'entries']));
      expect(tileWidth(0, 0, size)).toBe(256);
    });
  });

async function bundleOf({ stranger }: Scene, n: number): Promise<Uint8Array[]> {
  const { size } = await publishedLog(stranger);
  const width = tileWidth(0, n, size);
  const read = decodeBundle((await stranger.object(entriesPath(n, width))) ?? Buffer.alloc(0), width);
  if (!read.ok) throw new Error(read.reason);
  return read.entries;
}

async function editLeaf(stranger: Scene['stranger'], index: number): Promise<void> {
  const path = entriesPath(0);
  const bundle = decodeBundle((await stranger.object(path)) ?? Buffer.alloc(0), 256);
  if (!bundle.ok) throw new Error(bundle.reason);
  const entries = bundle.entries.map((entry, at) =>
    at === index
      ? Buffer.from(Buffer.from(entry).toString().replace('"outcome":"success"', '"outcome":"refused"'))
      : entry,
  );
  await stranger.putObject(path, encodeBundle(entries));
}
