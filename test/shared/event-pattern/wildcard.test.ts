import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../../shared/event-pattern/pattern.ts';
import { onValue } from './verdict.ts';

describe('wildcard', () => {
  it.each([
    ['', '', true],
    ['', 'a', false],
    ['abc', 'abc', true],
    ['abc', 'abcd', false],
    ['*', '', true],
    ['a*', 'a', true],
    ['*a', 'ba', true],
    ['*a', 'ab', false],
    ['a*a', 'a', false],
    ['ab*ba', 'aba', false],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'acb', false],
    ['*b*', 'abc', true],
    ['*ab*b', 'ab', false],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
    ['\\**', '*anything', true],
    ['*\\*', 'anything*', true],
    ['\\\\*', '\\x', true],
    ['\\\\\\*', '\\*', true],
    ['\\\\\\*', '\\x', false],
    ['*ö*', 'schön', true],
    ['*😀', 'a😀', true],
    ['"*"', '"x"', true],
    ['a*', null, false],
  ])('%j against %j: %s', (pattern, value, expected) => {
    expect(onValue([{ wildcard: pattern }], value)).toBe(expected);
  });

  it.each(['**', 'a**b', '***', '\\', 'a\\', 'a\\x', '\\\\\\', 'a*\\', '\\n'])('refuses %j', (pattern) => {
    expect(onValue([{ wildcard: pattern }], 'a')).toBe('invalid');
  });

  it.each([[['a*']], [5], [null], [{ 'equals-ignore-case': 'a*' }]])('refuses %j', (operand) => {
    expect(onValue([{ wildcard: operand }], 'a')).toBe('invalid');
  });

  it('says where it goes wrong', () => {
    const compiled = compilePattern({ a: [{ wildcard: 'ab**' }, { wildcard: 'a\\b' }] });
    expect(compiled.ok ? [] : compiled.errors.map((error) => error.detail)).toEqual([
      expect.stringMatching(/two wildcards in a row at position 2/),
      expect.stringMatching(/backslash at position 1/),
    ]);
  });

  it('agrees with a regular expression', () => {
    const token = fc.constantFrom('a', 'b', '.', '*', '\\*', '\\\\');
    const pattern = fc
      .array(token, { maxLength: 8 })
      .map((tokens) => tokens.filter((each, i) => each !== '*' || tokens[i - 1] !== '*'));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '\\', '\n'), maxLength: 10 });
    fc.assert(
      fc.property(pattern, text, (tokens, value) => {
        const source = tokens.map((each) =>
          each === '*' ? '.*' : each === 'a' || each === 'b' ? each : `\\${each.at(-1)}`,
        );
        const expected = new RegExp(`^${source.join('')}$`, 's').test(value);
        expect(onValue([{ wildcard: tokens.join('') }], value)).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('answers soon where going back would take for ever', () => {
    const value = `${'a'.repeat(200_000)}c`;
    expect(onValue([{ wildcard: `${'*a'.repeat(500)}*b` }], value)).toBe(false);
    expect(onValue([{ wildcard: `${'*ab'.repeat(500)}*` }], value)).toBe(false);
    expect(onValue([{ wildcard: `*${'a'.repeat(1_000)}b*` }], value)).toBe(false);
  });
});
