import { formatAddCheckpoint, LOG_KEY_HEADER } from '../../../shared/tlog/add-checkpoint.ts';
import { readCosignatures } from '../../../shared/tlog/cosignature.ts';
import { fromDecimal } from '../../../shared/tlog/decimal.ts';
import { consistencyProof, type HashReader } from '../../../shared/tlog/merkle.ts';
import { type NoteSignature, parseNote } from '../../../shared/tlog/note.ts';
import { COSIGNATURE_V1 } from '../../../shared/tlog/signed-message.ts';
import { parseVerifierKey, type VerifierKey } from '../../../shared/tlog/verifier-key.ts';

/** A witness that does not answer in this time is left out. */
const PATIENCE_MS = 10_000;
const MAX_ANSWER = 20_000;

export interface Asked {
  url: string;
  /** The vkey under which it cosigns. */
  key: VerifierKey;
  /** The size that it cosigned last, as far as is known. */
  size: number;
}

export interface Asking {
  size: number;
  /** The signed checkpoint. */
  note: string;
  /** The vkey of the log, for a witness that does not know it yet. */
  logKey: string;
  read: HashReader;
  fetch: typeof fetch;
}

/** Addresses as the environment names them, separated by commas; each ends with a slash. */
export const witnessUrls = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '')
    .map((url) => (url.endsWith('/') ? url : `${url}/`));

/** Asks a witness for its vkey. @throws where it has none to tell. */
export async function askKey(url: string, get: typeof fetch): Promise<string> {
  const answer = await get(`${url}key`, options());
  const text = (await bodyOf(answer)).trim();
  keyOf(text);
  return text;
}

/** @throws RangeError where the text is no vkey of a witness. */
export function keyOf(text: string): VerifierKey {
  const read = parseVerifierKey(text);
  if (!read.ok || read.key.algorithm !== COSIGNATURE_V1)
    throw new RangeError(`no key of a witness: ${read.ok ? 'algorithm' : read.reason}`);
  return read.key;
}

/** Asks a witness to cosign (C2SP tlog-witness, `add-checkpoint`), again where it knows another size. @throws where it does not. */
export async function askWitness(witness: Asked, asking: Asking): Promise<NoteSignature> {
  const first = await addCheckpoint(witness, witness.size, asking);
  const answer = first.status === 409 ? await addCheckpoint(witness, sizeIn(first.body), asking) : first;
  if (answer.status !== 200)
    throw new Error(`the witness answered ${answer.status}: ${answer.body.slice(0, 200)}`);
  const note = parseNote(asking.note);
  if (!note.ok) throw new Error(`the checkpoint is no note: ${note.reason}`);
  const read = readCosignatures(answer.body, note.note.text, [witness.key]);
  if (!read.ok) throw new Error(`the cosignature does not hold: ${read.reason}`);
  const [cosignature] = read.cosignatures;
  if (!cosignature) throw new Error('the witness did not cosign');
  const { name, keyId, signature } = cosignature;
  return { name, keyId, signature };
}

async function addCheckpoint({ url }: Asked, old: number, { size, note, logKey, read, fetch: post }: Asking) {
  if (old > size) throw new Error(`the witness cosigned ${old}, beyond the ${size} that are here`);
  const proof = old === 0 || old === size ? [] : await consistencyProof(old, size, read);
  const body = formatAddCheckpoint({ old, proof, checkpoint: note });
  const answer = await post(`${url}add-checkpoint`, {
    ...options(),
    method: 'POST',
    headers: { 'content-type': 'text/plain; charset=utf-8', [LOG_KEY_HEADER]: logKey },
    body,
  });
  return { status: answer.status, body: await textOf(answer) };
}

function sizeIn(body: string): number {
  const size = fromDecimal(body.trim());
  if (size === null) throw new Error('the witness does not say which size it knows');
  return size;
}

const options = (): RequestInit => ({ signal: AbortSignal.timeout(PATIENCE_MS), redirect: 'error' });

async function bodyOf(answer: Response): Promise<string> {
  if (answer.status !== 200) throw new Error(`the witness answered ${answer.status}`);
  return textOf(answer);
}

async function textOf(answer: Response): Promise<string> {
  const text = await answer.text();
  if (text.length > MAX_ANSWER) throw new Error('the witness answers at length');
  return text;
}
