import type { About } from './about.ts';
import { CHECKS } from './checks.ts';
import { type CheckResult, MAX_FINDINGS } from './ledger.ts';
import type { Report } from './report.ts';

const MARKS = { holds: 'holds', finding: 'FINDING', unchecked: 'NOT CHECKED', absent: 'not given' } as const;

const VERDICTS = {
  holds: 'It holds: nothing that was given contradicts what was signed.',
  finding: 'It does not hold. What was found is told above: where, what it means, and what to do.',
  'could-not-check': 'Could not check everything that has to be checked.',
} as const;

/** So many findings of a check are printed; all that are kept are in the JSON. */
const PRINTED = 20;

/** The report for people. What a folder says in it is shown without control characters: it may be hostile. */
export function render({ verdict, size, entries, seconds, checks }: Report, source: string): string {
  const lines = [`Audit log in ${source}`, ''];
  for (const check of checks) lines.push(...renderCheck(check));
  const size_ =
    size === null
      ? 'no checkpoint could be read'
      : `${entries.toLocaleString('en')} of ${size.toLocaleString('en')} entries read`;
  lines.push('', `${size_}, ${seconds.toFixed(1)} s.`, VERDICTS[verdict]);
  if (verdict === 'holds') lines.push('What this can not prove is told in docs/verification.md.');
  return `${lines.map(printable).join('\n')}\n`;
}

function renderCheck(check: CheckResult): string[] {
  const about: About | undefined = CHECKS.find(({ name }) => name === check.check);
  const counts = Object.entries(check.counts).map(([name, value]) => `${name} ${value}`);
  const told =
    check.status === 'absent' || check.status === 'unchecked' ? (check.reason ?? '') : counts.join(', ');
  const lines = [`  ${MARKS[check.status].padEnd(12)} ${check.check.padEnd(21)} ${told}`.trimEnd()];
  for (const note of check.notes) lines.push(`${INDENT}${note}`);
  for (const { where, what } of check.findings.slice(0, PRINTED)) lines.push(`${INDENT}! ${where}: ${what}`);
  const more = check.total - Math.min(check.total, PRINTED);
  if (more > 0)
    lines.push(`${INDENT}… and ${more} more${check.total > MAX_FINDINGS ? '' : ' (--json has them)'}`);
  if (check.total > 0 && about)
    lines.push(`${INDENT}This means: ${about.means}`, `${INDENT}To do: ${about.todo}`);
  return lines;
}

const INDENT = ' '.repeat(15);

const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '�').slice(0, 2000);
