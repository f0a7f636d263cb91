/** An expected "no": a value with a stable code, never an exception. `pointer` is an RFC 6901 pointer into the command's body. */
export interface Rejection {
  rejected: true;
  code: RejectionCode;
  detail: string;
  errors?: FieldError[];
}

export interface FieldError {
  pointer: string;
  code: string;
  detail: string;
}

/** Codes of the language. Their HTTP statuses stand in `shared/lambda/problem.ts`. */
export type RejectionCode =
  | 'not-your-unit'
  | 'self-verification'
  | 'self-decision'
  | 'transition-not-allowed'
  | 'extension-pending'
  | 'already-decided'
  | 'evidence-required'
  | 'reason-required'
  | 'extension-not-later'
  | 'limit-reached'
  | 'invalid-body'
  | 'not-found';

export function reject(code: RejectionCode, detail: string, errors?: FieldError[]): Rejection {
  return { rejected: true, code, detail, ...(errors && { errors }) };
}

export const isRejection = (value: unknown): value is Rejection =>
  typeof value === 'object' && value !== null && (value as { rejected?: unknown }).rejected === true;
