import type { AuditEntry } from './entry.ts';

/** Where an entry stands: its stream, and its place there, which tells findings about one record apart. Places sort in order. */
export interface Place {
  stream: string;
  place: string;
}

export function placeOf({ stream, sequence, code, finding }: AuditEntry): Place {
  const digits = String(sequence).padStart(10, '0');
  const what = finding && [code, finding.to, finding.found?.slice(0, 16) ?? ''].join('#');
  return { stream, place: what ? `${digits}#${what}` : digits };
}
