import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECK_NAMES, CHECKS } from '../../verify/checks.ts';
import { progressLine } from '../../verify/progress.ts';
import { render } from '../../verify/render.ts';
import { bundleOf, honestWorld } from '../kit/audit-world.ts';
import { newKeys, vkeyOf } from '../kit/log-maker.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const place = mkdtempSync(join(tmpdir(), 'verify-main-'));
const world = honestWorld();

beforeAll(async () => {
  for (const [path, bytes] of await bundleOf(world)) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), bytes);
  }
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

function run(...args: string[]) {
  const env = { ...process.env, DATA_DIR: join(place, 'no-system'), FOLLOWTHROUGH_TOKEN: '' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'verify/main.ts'), ...args], {
    encoding: 'utf8',
    env,
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

describe('the command', { timeout: 60_000 }, () => {
  it('tells people what was checked, and that it holds', () => {
    const { status, stdout, stderr } = run(place);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    for (const name of CHECK_NAMES) expect(stdout).toMatch(new RegExp(`holds +${name} `));
    expect(stdout).toContain('It holds');
  });

  it('takes a mistake in the command for what it is, not for a finding', () => {
    const since = run(place, '--since', join(place, 'key'));
    expect([since.status, since.stderr]).toEqual([2, expect.stringContaining('is no signed checkpoint')]);
    const address = run('localhost:9887');
    expect([address.status, address.stderr]).toEqual([2, expect.stringContaining('http://localhost:9887')]);
  });

  it('tells its report where the file for it can not be written', () => {
    const { status, stdout, stderr } = run(place, '--json', join(place, 'no/such/folder.json'));
    expect([status, stderr]).toEqual([2, expect.stringContaining('could not be written')]);
    expect(stdout).toContain('It holds');
  });

  it('tells what was found, where, what it means and what to do; and as data', async () => {
    const json = join(place, 'report.json');
    const { status, stdout } = run(place, '--key', await vkeyOf(newKeys().log), '--json', json);
    expect(status).toBe(1);
    expect(stdout).toMatch(/FINDING +key/);
    expect(stdout).toContain('This means: ');
    expect(stdout).toContain('To do: ');
    const report = JSON.parse(readFileSync(json, 'utf8')) as { exit: number; checks: { check: string }[] };
    expect(report.exit).toBe(1);
    expect(report.checks.map(({ check }) => check)).toEqual(CHECK_NAMES);
  });

  it.each([
    ['nothing', [], /Name one folder/],
    ['an unknown option', [place, '--nonsense'], /nonsense/],
    ['two folders', [place, place], /Name one folder/],
    ['a folder that is not there', [join(place, 'nowhere')], /is not there/],
    ['a file', [join(place, 'key')], /is not a folder/],
    ['a policy that is not there', [place, '--policy', join(place, 'nowhere')], /can not be read/],
    ['seconds that are none', [place, '--late', 'soon'], /takes seconds/],
    ['a system that does not run', ['http://127.0.0.1:1'], /can not be reached/],
    ['a token over a bare line', ['http://192.0.2.1', '--token', 'x'], /https/],
  ])('could not check %s: exit 2, and no stack', (_, args, message) => {
    const { status, stderr, stdout } = run(...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr + stdout).not.toMatch(/^\s+at /m);
  });

  it('keeps quiet', () => {
    expect(run(place, '--quiet')).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });
});

describe('the report for people', () => {
  it('shows no control characters of what it reports on', () => {
    const what = 'evil \u001b[2J\u202e\r\n text';
    const finding = { check: 'root' as const, where: 'x', what };
    const check = {
      check: 'root' as const,
      status: 'finding' as const,
      counts: {},
      notes: [],
      findings: [finding],
      total: 1,
    };
    const text = render(
      { verdict: 'finding', exit: 1, size: 1, entries: 1, seconds: 1, checks: [check] },
      'x',
    );
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text).toContain('evil');
  });
});

describe('the documentation', () => {
  const page = readFileSync(join(ROOT, 'docs/verification.md'), 'utf8');

  it.each(CHECKS.map(({ name, proves, cannot }) => [name, proves, cannot]))(
    'explains %s as the verifier does',
    (name, proves, cannot) => {
      expect(page).toContain(`### \`${name}\``);
      expect(page).toContain(proves);
      expect(page).toContain(cannot);
    },
  );
});

describe('progress', () => {
  it('is a bar on a terminal and lines elsewhere, and nothing of what is done at once', () => {
    for (const isTTY of [true, false]) {
      let time = 0;
      const written: string[] = [];
      const progress = progressLine(
        { isTTY, columns: 80, write: (text) => written.push(text) },
        false,
        () => time,
      );
      progress.at('entries', 1, 100);
      expect(written).toEqual([]);
      time = 6000;
      progress.at('entries', 50, 100);
      expect(written.join('')).toMatch(
        isTTY ? /^\r\[#+ +\] 50 of 100 entries/ : /^50 of 100 entries, 8 a second\n$/,
      );
      progress.end();
      expect(written.at(-1)?.startsWith('\r')).toBe(isTTY);
    }
  });
});
