import { diskFolder } from '../../../verify/folder/disk.ts';
import { memoryFolder } from '../../../verify/folder/memory.ts';
import { mirrored } from '../../../verify/mirror/source.ts';
import type { Report } from '../../../verify/report.ts';
import { type Options, verify } from '../../../verify/verify.ts';
import type { Json } from '../api.ts';
import type { InProcess } from '../in-process.ts';
import { untar } from './untar.ts';

/** The auditor: takes from the running system what anybody in that role can have, and looks at it on a machine of their own. */
export interface Auditor {
  /** The log with its records, states and rows and the export of everything, as one download. Throws where none can be had. */
  bundle(query?: Record<string, string>): Promise<Map<string, Buffer>>;
  /** An export as CSV, and its manifest. */
  csv(query?: Record<string, string>): Promise<{ rows: Buffer; manifest: Buffer }>;
  /** Verifies files. `own` is what the auditor brings: a key, a policy, a checkpoint that was kept. */
  verify(files: ReadonlyMap<string, Uint8Array>, own?: Options): Promise<Report>;
  /** Verifies the running system by its address, as `npm run verify -- <URL>` does. */
  verifyUrl(own?: Options): Promise<Report>;
  /** What a path answers. */
  text(path: string): Promise<string>;
}

export function auditorOf({ call, system }: InProcess): Auditor {
  async function fetched(path: string): Promise<Buffer> {
    const authorization = `Bearer ${await system.token('auditor')}`;
    let at = new URL(path, system.url);
    // Each wait for a file that is being written ends in a redirect to itself.
    for (let tries = 0; tries < 20; tries += 1) {
      const response = await fetch(at, {
        redirect: 'manual',
        // A signed link would be refused with a second signature.
        headers: at.origin === new URL(system.url).origin ? { authorization } : {},
      });
      if (response.status === 200) return Buffer.from(await response.arrayBuffer());
      if (response.status !== 307) throw new Error(`${at}: ${response.status} ${await response.text()}`);
      at = new URL(response.headers.get('location') ?? '', at);
    }
    throw new Error(`${path} was not written`);
  }

  async function exported(format: string, query: Record<string, string>): Promise<Buffer[]> {
    const asked = await call('POST /v1/audit/exports', { as: 'auditor', body: { format, query } });
    if (asked.status !== 201) throw new Error(JSON.stringify(asked.body));
    const files: Buffer[] = [];
    for (const { url } of asked.body['files'] as Json[]) files.push(await fetched(String(url)));
    return files;
  }

  return {
    async bundle(query = {}) {
      const [archive = Buffer.alloc(0)] = await exported('bundle', query);
      return untar(archive);
    },
    async csv(query = {}) {
      const [rows = Buffer.alloc(0), manifest = Buffer.alloc(0)] = await exported('csv', query);
      return { rows, manifest };
    },
    verify: (files, own = {}) => verify(memoryFolder(files), own),
    async verifyUrl(own = {}) {
      const token = await system.token('auditor');
      const { target, options } = await mirrored(system.url, { token, save: undefined }, () => {});
      try {
        return await verify(diskFolder(target.place), { ...options, ...own });
      } finally {
        target.end();
      }
    },
    async text(path) {
      return (await fetched(path)).toString();
    },
  };
}

/** Names of the checks that found something, in the order in which they are told. */
export const caughtBy = ({ checks }: Report): string[] =>
  checks.filter(({ status }) => status === 'finding').map(({ check }) => check);

/** What the checks found, as text, for a test to look into. */
export const findingsIn = ({ checks }: Report): string =>
  checks
    .flatMap(({ findings }) => findings.map((one) => `${one.check}: ${one.where}: ${one.what}`))
    .join('\n');
