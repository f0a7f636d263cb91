import type { CheckName } from './checks.ts';

/** Something that is not as it should be. */
export interface Finding {
  check: CheckName;
  /** Which entry, stream, file or line. */
  where: string;
  what: string;
}

/**
 * `unchecked`: it could not be checked although it should have been. `absent`: what it is about was not given, and need not be.
 */
export type Status = 'holds' | 'finding' | 'unchecked' | 'absent';

export interface CheckResult {
  check: CheckName;
  status: Status;
  /** What was looked at. */
  counts: Record<string, number | string>;
  /** What a reader should know although it is no finding. */
  notes: string[];
  /** Why it could not be checked, or what was not given. */
  reason?: string;
  /** The first of them; `total` counts all. */
  findings: Finding[];
  total: number;
}

/** So many findings of a check are told one by one; a log that was recreated has one for each entry. */
export const MAX_FINDINGS = 100;

/** Where the checks write what they find. */
export class Ledger {
  readonly #results = new Map<CheckName, CheckResult>();

  /** A check that was done; it holds unless something was or will be found. */
  done(check: CheckName, counts: CheckResult['counts'] = {}): void {
    const result = this.#of(check);
    Object.assign(result.counts, counts);
    if (result.status === 'absent' && result.reason === undefined) result.status = 'holds';
  }

  find(check: CheckName, where: string, what: string): void {
    const result = this.#of(check);
    result.status = 'finding';
    result.total += 1;
    if (result.findings.length < MAX_FINDINGS) result.findings.push({ check, where, what });
  }

  note(check: CheckName, text: string): void {
    this.#of(check).notes.push(text);
  }

  /** What should have been checked and could not be. A finding outweighs it. */
  cannot(check: CheckName, reason: string): void {
    const result = this.#of(check);
    result.reason ??= reason;
    if (result.status !== 'finding') result.status = 'unchecked';
  }

  absent(check: CheckName, reason: string): void {
    this.#of(check).reason ??= reason;
  }

  isClean(check: CheckName): boolean {
    return this.#of(check).total === 0;
  }

  results(order: readonly CheckName[]): CheckResult[] {
    return order.map((check) => this.#of(check));
  }

  #of(check: CheckName): CheckResult {
    let result = this.#results.get(check);
    if (!result) {
      result = { check, status: 'absent', counts: {}, notes: [], findings: [], total: 0 };
      this.#results.set(check, result);
    }
    return result;
  }
}
