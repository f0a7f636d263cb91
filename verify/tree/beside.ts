import { Worker } from 'node:worker_threads';
import type { Folder } from '../folder/folder.ts';
import { type Plan, type Rebuilt, rebuild } from './rebuild.ts';

/** Below this a thread costs more than it saves. */
const WORTH_A_THREAD = 20_000;

/** Rebuilds the tree in a thread of its own where the log is long and lies on a disk. */
export function rebuildBeside(folder: Folder, plan: Plan): Promise<Rebuilt> {
  if (folder.place === undefined || plan.size < WORTH_A_THREAD) return Promise.resolve(rebuild(folder, plan));
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./rebuild-thread.ts', import.meta.url), {
      workerData: { place: folder.place, plan },
    });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the thread that hashes ended with ${code}`)));
  });
}
