import type { Report } from '../../../verify/report.ts';
import type { Options } from '../../../verify/verify.ts';
import type { Scene } from './scene.ts';

/** Lets the stranger do something, lets the auditor look, and puts everything back. */
export async function verdictOn(
  scene: Scene,
  attack: (scene: Scene) => Promise<unknown>,
  own: Options = {},
): Promise<Report> {
  const { auditor, stranger } = scene;
  try {
    await attack(scene);
    return await auditor.verify(await auditor.bundle(), own);
  } finally {
    await stranger.undo();
  }
}
