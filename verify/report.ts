import type { CheckResult } from './ledger.ts';

/** What came out, for people (`render.ts`) and as data. */
export interface Report {
  verdict: 'holds' | 'finding' | 'could-not-check';
  /** The process's exit code: 0 holds, 1 finding, 2 could not check. */
  exit: 0 | 1 | 2;
  /** The signed size; null where no checkpoint could be read. */
  size: number | null;
  /** How many entries were read. */
  entries: number;
  seconds: number;
  checks: CheckResult[];
}

export function reportOf(checks: CheckResult[], more: Pick<Report, 'size' | 'entries' | 'seconds'>): Report {
  const is = (status: CheckResult['status']) => checks.some((check) => check.status === status);
  const verdict = is('finding') ? 'finding' : is('unchecked') ? 'could-not-check' : 'holds';
  return {
    verdict,
    exit: ({ holds: 0, finding: 1, 'could-not-check': 2 } as const)[verdict],
    ...more,
    checks,
  };
}
