import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { constantKeys, withConstantKeys } from '../../infra/constant-keys.ts';

const ROOT = resolve(import.meta.dirname, '../..');

describe('constant keys', () => {
  it('are written out where they are constants of the file', () => {
    const source = ['const _a = "first";', 'const _b = other();', 'x({ [_a]: 1, [_b]: [_a] });'].join('\n');
    expect(withConstantKeys(source)).toBe(source.replace('[_a]: 1', '"first": 1'));
  });

  it('leave alone what would mean something else', () => {
    const source = 'const _p = "__proto__";\nexport const x = { [_p]: 1 };\nconst y = list[_p];';
    expect(withConstantKeys(source)).toBe(source);
  });

  it.each(['dynamodb', 's3', 'kms', 'sqs'])(
    'change nothing of what the schemas of %s say',
    async (client) => {
      const load = async (plugins: (typeof constantKeys)[]): Promise<string> => {
        const path = join(ROOT, `node_modules/@aws-sdk/client-${client}/dist-es/schemas/schemas_0.js`);
        const { outputFiles } = await build({
          stdin: { contents: `export * from ${JSON.stringify(path)};`, resolveDir: ROOT },
          bundle: true,
          write: false,
          format: 'esm',
          platform: 'node',
          mainFields: ['module', 'main'],
          external: ['node:*'],
          plugins,
        });
        const code = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
        const schemas: Record<string, unknown> = await import(`data:text/javascript;base64,${code}`);
        return JSON.stringify(schemas, (_, value) => (typeof value === 'function' ? String(value) : value));
      };
      const [plain, written] = [await load([]), await load([constantKeys])];
      expect(plain.length).toBeGreaterThan(1000);
      expect(written).toBe(plain);
    },
  );
});
