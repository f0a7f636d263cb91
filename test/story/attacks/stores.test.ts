import { afterAll, beforeAll, expect, it } from 'vitest';
import { PATIENT } from '../../kit/strangers/attack.ts';
import { findingsIn } from '../../kit/strangers/auditor.ts';
import { type Scene, stage } from '../../kit/strangers/scene.ts';
import { attacksOnExports } from './exports.ts';
import { attacksOnHistory } from './history.ts';
import { attacksOnLeaves } from './leaves.ts';
import { attacksOnObjects } from './objects.ts';
import { attacksOnProofs } from './proofs.ts';
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
  const report = await scene.auditor.verify(await scene.auditor.bundle(), PATIENT);
  expect(findingsIn(report)).toBe('');
  expect(report.exit).toBe(0);
});

attacksOnRecords(() => scene);
attacksOnObjects(() => scene);
attacksOnHistory(() => scene);
attacksOnLeaves(() => scene);
attacksOnProofs(() => scene);
attacksOnExports(() => scene);
attacksOnRows(() => scene);

it('holds again, by its address too', async () => {
  const byAddress = await scene.auditor.verifyUrl(PATIENT);
  expect(findingsIn(byAddress)).toBe('');
  expect(byAddress.exit).toBe(0);
  const report = await scene.auditor.verify(await scene.auditor.bundle(), PATIENT);
  expect(findingsIn(report)).toBe('');
  expect(report.exit).toBe(0);
});
