import type { FieldError } from '../commitment/rejection.ts';
import { type FormFields, nest, pathOf } from './form.ts';
import { pointer } from './pointer.ts';
import type { ProblemCode } from './problem.ts';

/** The largest body that is taken, in bytes. */
export const MAX_BODY = 256 * 1024;

export interface Body {
  value: unknown;
  /** Fields of a form are texts; the schema they are validated against says what they stand for. */
  form: boolean;
}

export type Unreadable = { unreadable: ProblemCode; detail: string; errors?: FieldError[] };

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads a body by its media type: JSON, or one of the two types of forms. */
export async function readBody(raw: Uint8Array, contentType: string | undefined): Promise<Body | Unreadable> {
  if (raw.byteLength > MAX_BODY)
    return {
      unreadable: 'body-too-large',
      detail: `A body has at most ${MAX_BODY} bytes; this one has ${raw.byteLength}.`,
    };
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const json = type === 'application/json' || type.endsWith('+json');
  // Many clients name the type even where they send nothing.
  if (raw.byteLength === 0 && (type === '' || json)) return { value: {}, form: false };
  if (json) return readJson(raw);
  if (type === 'application/x-www-form-urlencoded') return readUrlencoded(raw);
  if (type === 'multipart/form-data') return readMultipart(raw, contentType ?? '');
  return {
    unreadable: 'unsupported-media-type',
    detail: 'Send application/json, application/x-www-form-urlencoded or multipart/form-data.',
  };
}

const malformed = (detail: string): Unreadable => ({ unreadable: 'malformed-body', detail });

function readJson(raw: Uint8Array): Body | Unreadable {
  try {
    return { value: JSON.parse(utf8.decode(raw)), form: false };
  } catch (error) {
    return malformed(`The body is not JSON in UTF-8: ${(error as Error).message}.`);
  }
}

function readUrlencoded(raw: Uint8Array): Body | Unreadable {
  try {
    const text = utf8.decode(raw);
    const fields = [...new URLSearchParams(text)];
    // Where escapes are not UTF-8 the parser puts U+FFFD without a word; a sender who means U+FFFD writes it.
    const replaced = fields.some((field) => field.join().includes('\ufffd'));
    if (replaced && !/\ufffd|%ef%bf%bd/i.test(text)) throw new TypeError('not UTF-8');
    return fromFields(fields);
  } catch {
    return malformed('The form is not UTF-8.');
  }
}

async function readMultipart(raw: Uint8Array, contentType: string): Promise<Body | Unreadable> {
  try {
    const data = await new Response(raw as Uint8Array<ArrayBuffer>, {
      headers: { 'content-type': contentType },
    }).formData();
    const fields: FormFields = [];
    for (const [name, value] of data) {
      if (typeof value !== 'string')
        return {
          unreadable: 'invalid-body',
          detail: 'Files are not taken here: link to the evidence instead.',
          errors: [{ pointer: pointer(pathOf(name) ?? [name]), code: 'file-not-taken', detail: 'is a file' }],
        };
      fields.push([name, value]);
    }
    // The parser forgives what is not UTF-8; without files all of it has to be.
    utf8.decode(raw);
    return fromFields(fields);
  } catch {
    return malformed('The body is not a well-formed multipart form.');
  }
}

function fromFields(fields: FormFields): Body | Unreadable {
  const value = nest(fields);
  return 'errors' in value
    ? { unreadable: 'invalid-body', detail: 'Some field names can not be read.', errors: value.errors }
    : { value: value.fields, form: true };
}
