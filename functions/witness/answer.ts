/** What a witness answers with; all of it is text (C2SP tlog-witness). */
export interface Answer {
  status: number;
  body: string;
  type: string;
}

const PLAIN = 'text/plain; charset=utf-8';

export const text = (body: string): Answer => ({ status: 200, body, type: PLAIN });

export const refusal = (status: 400 | 403 | 404 | 405 | 413 | 422, reason: string): Answer => ({
  status,
  body: `${reason}\n`,
  type: PLAIN,
});

/** The log has another idea of what was cosigned last than the witness, which says what it is. */
export const conflict = (size: number): Answer => ({
  status: 409,
  body: `${size}\n`,
  type: 'text/x.tlog.size',
});

/** Passes: the log may come again. */
export const FAILED = { status: 503, body: 'Nothing was cosigned. Come again.\n', type: PLAIN };
