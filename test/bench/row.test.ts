import { describe, expect, it } from 'vitest';
import { row } from '../../bench/row.ts';
import { table } from '../../bench/table.ts';

const base = { name: 'updates', unit: '/s', figures: [80, 90, 100] };
const floor = { name: '/s, perfect handler', values: [100, 100, 100] };

describe('a row', () => {
  it.each([
    ['at least', 0.9, true],
    ['at least', 0.91, false],
    ['at most', 0.9, true],
    ['at most', 0.89, false],
  ] as const)('holds the median of the ratio against %s %d', (is, value, holds) => {
    const measured = row({ ...base, floor, ratios: [0.8, 0.9, 1], target: { of: 'ratio', is, value } });
    expect(measured.holds).toBe(holds);
  });

  it('holds the median of the figure against a target of the figure', () => {
    const { holds } = row({ ...base, ratios: [5, 5, 5], target: { of: 'figure', is: 'at most', value: 90 } });
    expect(holds).toBe(true);
  });

  it('refuses a target of a ratio that it does not have', () => {
    expect(() => row({ ...base, target: { of: 'ratio', is: 'at least', value: 1 } })).toThrow(TypeError);
  });
});

it('the table says median, spread, floor, target and what was missed', () => {
  const rows = [
    row({ ...base, floor, ratios: [0.8, 0.9, 1], target: { of: 'ratio', is: 'at least', value: 0.95 } }),
    row({ name: 'size', unit: 'KB', figures: [312] }),
  ];
  const [title, , missed = '', plain = ''] = table('Updates', rows).split('\n');
  expect(title).toBe('Updates');
  expect(missed.split(/ {2,}/)).toEqual([
    'updates',
    '90 (80 … 100) /s',
    '100 /s, perfect handler',
    '0.90 (0.80 … 1)',
    '≥ 0.95',
    'MISSED',
  ]);
  expect(plain.split(/ {2,}/)).toEqual(['size', '312 KB']);
});
