import type { Report } from '../../../verify/report.ts';
import type { Options } from '../../../verify/verify.ts';
import type { Scene } from './scene.ts';

/** The log of a frozen scene stands still, which is a finding of its own: not before an hour, here. */
export const PATIENT: Options = { mergeDelay: 3_600_000 };

/** Lets the stranger do something, lets the auditor look, and puts everything back. */
export async function verdictOn(
  scene: Scene,
  attack: (scene: Scene) => Promise<unknown>,
  own: Options = {},
): Promise<Report> {
  const { auditor, stranger } = scene;
  try {
    await attack(scene);
    return await auditor.verify(await auditor.bundle(), { ...PATIENT, ...own });
  } finally {
    await stranger.undo();
  }
}
