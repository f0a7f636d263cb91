import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from 'aws-lambda';
import { LOG_KEY_HEADER } from '../../shared/tlog/add-checkpoint.ts';
import { COSIGNATURE_V1 } from '../../shared/tlog/signed-message.ts';
import { formatVerifierKey } from '../../shared/tlog/verifier-key.ts';
import { addCheckpoint, type Witness } from './add-checkpoint.ts';
import { type Answer, FAILED, refusal, text } from './answer.ts';

/** A note of a hundred signatures and a proof of 63 hashes are 20 KB. */
const MAX_BYTES = 64 * 1024;

type Route = (event: LambdaFunctionURLEvent) => Promise<Answer>;

/** The witness's own door: whoever comes has nothing to show but what the log signed. A function's address knows no routes. */
export function witnessDoor(
  witness: Witness,
): (event: LambdaFunctionURLEvent) => Promise<LambdaFunctionURLResult> {
  const routes: Record<string, Record<string, Route>> = {
    '/add-checkpoint': { POST: (event) => takeCheckpoint(witness, event) },
    '/key': { GET: () => showKey(witness), HEAD: () => showKey(witness) },
  };
  return async (event) => {
    const { requestId, http } = event.requestContext;
    const methods = Object.hasOwn(routes, event.rawPath) ? routes[event.rawPath] : undefined;
    try {
      if (!methods) return toResult(requestId, refusal(404, 'There is nothing at this path.'));
      const allow = { allow: Object.keys(methods).join(', ') };
      const route = Object.hasOwn(methods, http.method) ? methods[http.method] : undefined;
      if (!route) return toResult(requestId, refusal(405, 'Not with this method.'), allow);
      return toResult(requestId, await route(event));
    } catch (error) {
      witness.log.error('request failed', { requestId, path: event.rawPath, error });
      return toResult(requestId, FAILED, { 'retry-after': '1' });
    }
  };
}

async function takeCheckpoint(witness: Witness, event: LambdaFunctionURLEvent): Promise<Answer> {
  const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > MAX_BYTES) return refusal(413, `The body has more than ${MAX_BYTES} bytes.`);
  const body = decoded(bytes);
  if (body === null) return refusal(400, 'The body is not UTF-8.');
  return addCheckpoint(witness, body, event.headers[LOG_KEY_HEADER]);
}

const showKey = async ({ name, signer }: Witness): Promise<Answer> =>
  text(`${formatVerifierKey(name, COSIGNATURE_V1, await signer.publicKey())}\n`);

function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

const toResult = (
  requestId: string,
  { status, body, type }: Answer,
  headers: Record<string, string> = {},
): LambdaFunctionURLResult => ({
  statusCode: status,
  headers: {
    'content-type': type,
    'request-id': requestId,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    ...headers,
  },
  body,
});
