import { memoryFolder } from '../../../verify/folder/memory.ts';
import type { Report } from '../../../verify/report.ts';
import { type Options, verify } from '../../../verify/verify.ts';
import type { InProcess } from '../in-process.ts';
import { untar } from './untar.ts';

/** The auditor: takes from the running system what anybody in that role can have, and looks at it on a machine of their own. */
export interface Auditor {
  /** The log with its records, states and rows and the export of everything, as one download. Throws where none can be had. */
  bundle(query?: Record<string, string>): Promise<Map<string, Buffer>>;
  /** Verifies files. `own` is what the auditor brings: a key, a policy, a checkpoint that was kept. */
  verify(files: ReadonlyMap<string, Uint8Array>, own?: Options): Promise<Report>;
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

  return {
    async bundle(query = {}) {
      const asked = await call('POST /v1/audit/exports', {
        as: 'auditor',
        body: { format: 'bundle', query },
      });
      if (asked.status !== 201) throw new Error(JSON.stringify(asked.body));
      return untar(await fetched(String(asked.body['files']?.[0]?.['url'])));
    },
    verify: (files, own = {}) => verify(memoryFolder(files), own),
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
