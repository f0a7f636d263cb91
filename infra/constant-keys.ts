import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/**
 * Writes the constants out that the SDK's schemas have as keys of objects. esbuild keeps `{ [_hH]: 'x' }` whoever needs it, since a computed
 * key might do something; a plain one it drops with its operation. S3's schemas are 66 KB with the computed ones, 10 KB without.
 */
export const constantKeys: Plugin = {
  name: 'constant-keys',
  setup(build) {
    build.onLoad(
      { filter: /@aws-sdk\/client-[^/]+\/dist-es\/schemas\/schemas_\d+\.js$/ },
      async ({ path }) => ({
        contents: withConstantKeys(await readFile(path, 'utf8')),
        loader: 'js',
      }),
    );
  },
};

/** Keys whose constant is not of the same file stay as they are. */
export function withConstantKeys(source: string): string {
  const constants = new Map(
    [...source.matchAll(/^const (_\w*) = ("[^"\\]*");$/gm)].map(([, name, text]) => [name, text] as const),
  );
  return source.replace(/([{,]\s*)\[(_\w*)\]:/g, (whole, before: string, name: string) => {
    const text = constants.get(name);
    return text === undefined || text === '"__proto__"' ? whole : `${before}${text}:`;
  });
}
