import { optional } from './env.ts';

/** One JSON line a message; never a token, a secret or a body. */
export interface Log {
  info(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

const write = (level: string, message: string, fields: Record<string, unknown> = {}): void => {
  const line = JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }, errorsAsText);
  process.stdout.write(`${line}\n`);
};

const errorsAsText = (_: string, value: unknown): unknown =>
  value instanceof Error ? { name: value.name, message: value.message, stack: value.stack } : value;

const quiet = optional('LOG_LEVEL') === 'error';

export const log: Log = {
  info: (message, fields) => {
    if (!quiet) write('info', message, fields);
  },
  error: (message, fields) => write('error', message, fields),
};
