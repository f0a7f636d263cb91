import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../..');
const TIMEOUT_MS = 30_000;

export const isLoopback = (address: URL): boolean =>
  /^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/.test(address.hostname);

/** A token of the demo auditor of the system that runs on this machine, as `npm run token -- auditor` prints it; undefined for none. */
export async function demoToken(): Promise<string | undefined> {
  try {
    const command = resolve(ROOT, 'local/token.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [command, 'auditor'], {
      cwd: ROOT,
      timeout: TIMEOUT_MS,
    });
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}
