import { afterAll, beforeAll, expect, it } from 'vitest';
import { findingsIn } from '../../kit/strangers/auditor.ts';
import { type Scene, stage } from '../../kit/strangers/scene.ts';
import { attacksOnObjects } from './objects.ts';
import { attacksOnRecords } from './records.ts';
import { attacksOnRows } from './rows.ts';

/**
 * Attacks on what is sequenced, each done for real on the stores of one running system and put back afterwards. Nothing is written
 * meanwhile by the system itself.
 */
let scene: Scene;

beforeAll(async () => {
  scene = await stage();
  scene.freeze();
});
afterAll(() => scene?.stop());

it('holds before anybody did anything', async () => {
  const report = await scene.auditor.verify(await scene.auditor.bundle());
  expect(findingsIn(report)).toBe('');
  expect(report.exit).toBe(0);
});

attacksOnRows(() => scene);
attacksOnRecords(() => scene);
attacksOnObjects(() => scene);

it('holds again', async () => {
  const report = await scene.auditor.verify(await scene.auditor.bundle());
  expect(findingsIn(report)).toBe('');
  expect(report.exit).toBe(0);
});
