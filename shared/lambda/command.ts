import type * as z from 'zod/mini';
import type { FieldError } from '../commitment/rejection.ts';
import { type Envelope, readEnvelope } from './envelope.ts';
import type { Answer, Call } from './http.ts';
import { validate } from './validate.ts';

/** A command as it was sent (`body`) and as its schema reads it (`fields`). */
export interface Read<Fields> extends Envelope {
  fields: Fields;
}

/** Reads a command's envelope, then its body against `schema`; where either can't be read, the answer that says so. */
export async function readCommand<S extends z.ZodMiniType>(
  call: Call,
  schema: S,
  invalid: (errors: FieldError[]) => Answer | Promise<Answer>,
): Promise<Read<z.output<S>> | Answer> {
  const envelope = await readEnvelope(call);
  if ('status' in envelope) return envelope;
  const body = validate(schema, envelope.body);
  return body.ok ? { ...envelope, fields: body.value } : invalid(body.errors);
}
