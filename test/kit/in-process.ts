import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type System, startSystem } from '../../local/system.ts';
import { type Caller, caller } from './caller.ts';

/** The whole system in this process, so that a test can pause functions and play faults. Starts empty, or on a folder that it had. */
export interface InProcess extends Caller {
  system: System;
  dataDir: string;
  remove(): Promise<void>;
}

export async function startInProcess(
  environment: Record<string, string> = {},
  dataDir = mkdtempSync(join(tmpdir(), 'followthrough-story-')),
): Promise<InProcess> {
  const system = await startSystem({
    dataDir,
    port: 0,
    sample: false,
    quick: true,
    environment,
    visibilityTimeoutSeconds: 2,
    longestBackoffMs: 20,
  });
  const tokens = new Map<string, Promise<string>>();
  const tokenOf = (person: string): Promise<string> => {
    const token = tokens.get(person) ?? system.token(person);
    tokens.set(person, token);
    return token;
  };
  return {
    ...caller(system.url, tokenOf),
    system,
    dataDir,
    async remove() {
      await system.stop();
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
