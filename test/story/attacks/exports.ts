import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../shared/record/canonical.ts';
import { PATIENT } from '../../kit/strangers/attack.ts';
import { caughtBy, findingsIn } from '../../kit/strangers/auditor.ts';
import type { Scene } from '../../kit/strangers/scene.ts';

type Files = Map<string, Buffer>;

const MANIFEST = 'export/manifest.json';

/** A bundle's export as it came, with a file of rows and its manifest. */
interface Altered {
  lines: string[];
  manifest: Record<string, unknown> & { files: { name: string; bytes: number; sha256: string }[] };
}

/** Whoever lies between the system and the auditor, and alters what the auditor takes away. */
export const attacksOnExports = (here: () => Scene) =>
  describe('an export on its way', () => {
    const verdict = async (
      alter: (files: Files) => void,
      query: Record<string, string> = {},
      csv = false,
    ) => {
      const { auditor } = here();
      const files = await auditor.bundle(query);
      if (csv) await asCsv(here(), files, query);
      alter(files);
      return auditor.verify(files, PATIENT);
    };

    it.each([
      ['JSON Lines', {}, false],
      ['a filtered query', { outcome: 'refused', limit: undefined }, false],
      ['a sample', { sample: '20', seed: 'auditor', order: 'asc' }, false],
      ['CSV', { outcome: 'success' }, true],
    ])('as it came, it holds: %s', async (_, query, csv) => {
      const asked = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
      const report = await verdict(() => {}, asked as Record<string, string>, csv);
      expect(findingsIn(report)).toBe('');
      expect(report.checks.find(({ check }) => check === 'export')?.status).toBe('holds');
    });

    const LINES: [string, (lines: string[]) => string[]][] = [
      ['a row dropped', (lines) => lines.toSpliced(3, 1)],
      ['the last row dropped', (lines) => lines.slice(0, -1)],
      ['two rows swapped', ([a = '', b = '', ...rest]) => [b, a, ...rest]],
      ['a row there twice', (lines) => lines.toSpliced(3, 0, lines[3] ?? '')],
      [
        'a field changed',
        (lines) => lines.with(3, lines[3]?.replace(/"role":"[^"]+"/, '"role":"coordinator"') ?? ''),
      ],
      ['a field added', (lines) => lines.with(3, lines[3]?.replace('{', '{"note":"checked",') ?? '')],
      ['a key twice', (lines) => lines.with(3, lines[3]?.replace('{', '{"index":0,') ?? '')],
    ];
    it.each(LINES)('a JSONL line: %s, with hashes and counts made to fit or not', async (_, alter) => {
      for (const fit of [false, true]) {
        const report = await verdict((files) => rewrite(files, 'entries.jsonl', alter, fit));
        expect(report.exit).toBe(1);
        expect(caughtBy(report)).toEqual(['export']);
        expect(findingsIn(report)).toMatch(
          fit ? /export: export\/entries.jsonl, row|manifest.json/ : /SHA-256/,
        );
      }
    });

    const CELLS: [string, (lines: string[]) => string[]][] = [
      ['a cell changed', (lines) => lines.with(3, lines[3]?.replace('success', 'refused') ?? '')],
      ['a row dropped', (lines) => lines.toSpliced(3, 1)],
      ['a column dropped from the header', (lines) => lines.with(0, lines[0]?.replace(/,[^,]+$/, '') ?? '')],
      ['two columns renamed', (lines) => lines.with(0, lines[0]?.replace('stream', 'sequence') ?? '')],
    ];
    it.each(CELLS)('a CSV cell: %s', async (_, alter) => {
      const report = await verdict(
        (files) => rewrite(files, 'entries.csv', alter, true),
        { outcome: 'success' },
        true,
      );
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toEqual(['export']);
    });

    const MANIFESTS: [string, Partial<Altered['manifest']>][] = [
      ['another query', { query: { order: 'asc', outcome: 'success' } }],
      ['another count', { counts: { rows: 1, population: 1 } }],
      ['another order', { order: 'asc' }],
      ['another digest', { queryDigest: 'a'.repeat(64) }],
      ['another first row', { firstIndex: 1 }],
      ['no file', { files: [] }],
    ];
    it.each(MANIFESTS)('the manifest: %s', async (_, change) => {
      const report = await verdict((files) => {
        const manifest = JSON.parse(files.get(MANIFEST)?.toString() ?? '{}') as Altered['manifest'];
        files.set(MANIFEST, Buffer.from(`${JSON.stringify({ ...manifest, ...change }, null, 2)}\n`));
      });
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toEqual(['export']);
    });

    it('a sample drawn again until it pleased', async () => {
      const query = { sample: '20', seed: 'auditor', order: 'asc' };
      const report = await verdict((files) => {
        const manifest = JSON.parse(files.get(MANIFEST)?.toString() ?? '{}') as Altered['manifest'];
        const sample = manifest['sample'] as { indices: number[] };
        sample.indices = sample.indices.map((index) => index + 1);
        files.set(MANIFEST, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
      }, query);
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toEqual(['export']);
      expect(findingsIn(report)).toContain('names another sample than its seed draws');
    });
  });

/** Rewrites a file of rows, and makes the manifest fit to it. */
function rewrite(files: Files, name: string, alter: (lines: string[]) => string[], fit: boolean): void {
  const path = `export/${name}`;
  const end = name.endsWith('csv') ? '\r\n' : '\n';
  const lines = (files.get(path)?.toString() ?? '').split(end).slice(0, -1);
  const altered = alter(lines);
  const bytes = Buffer.from(altered.map((line) => `${line}${end}`).join(''));
  if (bytes.equals(files.get(path) ?? Buffer.alloc(0))) throw new Error('nothing was altered');
  files.set(path, bytes);
  if (!fit) return;
  const manifest = JSON.parse(files.get(MANIFEST)?.toString() ?? '{}') as Altered['manifest'];
  const counts = manifest['counts'] as { rows: number; population: number };
  const gone = lines.length - altered.length;
  counts.rows -= gone;
  counts.population -= gone;
  for (const file of manifest.files)
    if (file.name === name) Object.assign(file, { bytes: bytes.length, sha256: sha256(bytes.toString()) });
  files.set(MANIFEST, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
}

/** The same question as CSV, in the place of the lines. */
async function asCsv({ auditor }: Scene, files: Files, query: Record<string, string>): Promise<void> {
  const { rows, manifest } = await auditor.csv(query);
  files.delete('export/entries.jsonl');
  files.set('export/entries.csv', rows);
  files.set(MANIFEST, manifest);
}
