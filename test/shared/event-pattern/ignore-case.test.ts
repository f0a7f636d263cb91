import { describe, expect, it } from 'vitest';
import { spellings } from '../../../shared/event-pattern/ignore-case.ts';
import { onValue } from './verdict.ts';

describe('equals-ignore-case', () => {
  it.each([
    ['straße', 'STRASSE', true],
    ['strasse', 'straße', false],
    ['ß', 'ß', true],
    ['ß', 'ẞ', false],
    ['ẞ', 'ß', true],
    ['s', 'ſ', false],
    ['ſ', 'S', true],
    ['σ', 'Σ', true],
    ['σ', 'ς', false],
    ['k', '\u212a', false],
    ['\u0130', 'i\u0307', true],
    ['ÉCOLE', 'école', true],
    ['', '', true],
    ['a', 'aa', false],
    ['aa', 'a', false],
    ['5', 5, false],
    ['null', null, false],
    ['a.c', 'AXC', false],
  ])('%j against %j: %s', (operand, value, expected) => {
    expect(onValue([{ 'equals-ignore-case': operand }], value)).toBe(expected);
  });

  it('fails outside the basic plane, as on EventBridge', () => {
    expect(onValue([{ 'equals-ignore-case': '😀' }], '😀')).toBe(false);
    expect(onValue([{ 'anything-but': { 'equals-ignore-case': '😀' } }], '😀')).toBe(true);
  });

  it('takes a string only', () => {
    for (const operand of [null, true, ['a'], {}]) {
      expect(onValue([{ 'equals-ignore-case': operand }], 'a')).toBe('invalid');
    }
  });

  it('never has two spellings of a character that fit at one place', () => {
    const clashes: string[] = [];
    for (let unit = 0; unit <= 0xffff; unit++) {
      const [[lower, upper] = []] = spellings(String.fromCharCode(unit));
      if (lower === undefined || upper === undefined) continue;
      if (lower.startsWith(upper) || upper.startsWith(lower)) clashes.push(lower);
      if (lower.endsWith(upper) || upper.endsWith(lower)) clashes.push(lower);
    }
    expect(clashes).toEqual([]);
  });
});
