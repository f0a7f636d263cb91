import { parentPort, workerData } from 'node:worker_threads';
import { diskFolder } from '../folder/disk.ts';
import { type Plan, rebuild } from './rebuild.ts';

/** The other half of `rebuildBeside`: hashes while the first thread reads the entries. */
const { place, plan } = workerData as { place: string; plan: Plan };
const rebuilt = rebuild(diskFolder(place), plan);
parentPort?.postMessage(rebuilt, [rebuilt.hashes.buffer as ArrayBuffer]);
