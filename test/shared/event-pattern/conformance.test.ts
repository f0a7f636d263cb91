import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compilePattern, matchesPattern } from '../../../shared/event-pattern/pattern.ts';
import { conformance } from '../../kit/conformance.ts';

type Case = { name: string; pattern: unknown; event: unknown; valid: boolean; match?: boolean };

const file = conformance('event-patterns.json');

describe("verdicts of AWS's own engine", () => {
  if (!file.present) {
    it.skip(`skipped: ${file.notice}`);
    return;
  }
  const cases: Case[] = JSON.parse(readFileSync(file.path, 'utf8'));

  it('has cases to check', () => {
    expect(cases.length).toBeGreaterThan(100);
  });

  it.each(cases)('$name', ({ pattern, event, valid, match }) => {
    const compiled = compilePattern(pattern);
    expect(compiled.ok).toBe(valid);
    if (compiled.ok) expect(matchesPattern(compiled.pattern, event)).toBe(match);
    else expect(compiled.errors.length).toBeGreaterThan(0);
  });
});
