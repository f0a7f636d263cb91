/** Records that yield no event, for the audit trail alone. No text that a person sent is in them. */
export const REFUSAL_TYPE = 'followthrough.refusal';
export const ACT_TYPE = 'followthrough.act';

/** Who acts where nobody asked for it. */
export const SYSTEM = { id: 'system', role: 'system' } as const;

export interface Target {
  type:
    | 'commitment'
    | 'response'
    | 'subscription'
    | 'delivery'
    | 'person'
    | 'trail'
    | 'export'
    | 'erasure'
    | 'rollup'
    | 'system';
  id: string;
}

/** What a refusal's record holds. */
export interface RefusalData {
  target: Target;
  /** The problem's code and HTTP status. */
  code: string;
  status: number;
  route: string;
}

/** What the record of an act holds: something that was done, seen, or tried by the system, and yields no event. */
export interface ActData {
  target: Target;
  /** The route it came by; where it came by none, the function that did it. */
  route: string;
  /** `success` where nothing is said. */
  outcome?: 'failed';
  code?: string;
  /** The pseudonym of the person in whose name the actor acted. */
  onBehalfOf?: string;
  reasonCode?: string;
  /** How many of the same kind this stands for. */
  count?: number;
  /** Machine-readable particulars: identifiers, hashes, numbers; never a text that a person sent. */
  facts?: Record<string, string | number | boolean | null>;
}
