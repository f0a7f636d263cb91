import { setTimeout as wait } from 'node:timers/promises';

/** How a system is spoken to. */
export interface Client {
  /** The body of a resource; null where there is none (404). @throws NotMirrored */
  get(path: string): Promise<Uint8Array | null>;
}

/** The system could not be mirrored: it is not there, refuses, or answers something else. */
export class NotMirrored extends Error {
  /** The HTTP status, where there was an answer. */
  readonly status: number | null;

  constructor(message: string, status: number | null = null) {
    super(message);
    this.status = status;
  }
}

export interface Retry {
  /** Milliseconds before each further try. */
  pauses: readonly number[];
  /** Milliseconds for one try. */
  timeout: number;
}

const RETRY: Retry = { pauses: [250, 1000, 4000], timeout: 30_000 };
/** A bundle has 16.8 MB at most, a page of a list 6 MB. */
const MAX_BODY_BYTES = 32 << 20;

/** Follows no redirect, reads no endless body, and tries again what may be mended by waiting. */
export function httpClient(
  base: string,
  token: string | undefined,
  { pauses, timeout }: Retry = RETRY,
): Client {
  const once = async (path: string): Promise<Uint8Array | null> => {
    const answer = await fetch(new URL(path, base), {
      redirect: 'error',
      signal: AbortSignal.timeout(timeout),
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
    if (answer.ok) return body(answer, path);
    await answer.body?.cancel();
    if (answer.status === 404) return null;
    throw new NotMirrored(
      `${path} is answered with ${answer.status}${HINTS[answer.status] ?? ''}`,
      answer.status,
    );
  };
  return {
    async get(path) {
      for (const pause of pauses) {
        try {
          return await once(path);
        } catch (error) {
          if (error instanceof NotMirrored && !isPassing(error.status)) throw error;
          await wait(pause);
        }
      }
      try {
        return await once(path);
      } catch (error) {
        throw error instanceof NotMirrored
          ? error
          : new NotMirrored(`${base} can not be reached: ${causeOf(error)}`);
      }
    },
  };
}

const HINTS: Record<number, string> = {
  401: ': the token is not accepted, or has run out',
  403: ': the token is not an auditor’s',
};

const isPassing = (status: number | null): boolean => status === 429 || (status !== null && status >= 500);

function causeOf(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string }; message?: string };
  return cause?.code ?? message ?? String(error);
}

async function body(answer: Response, path: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of answer.body ?? []) {
    bytes += part.length;
    if (bytes > MAX_BODY_BYTES) throw new NotMirrored(`${path} has no end`, answer.status);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
