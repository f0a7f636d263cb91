import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { credentials } from '../services.ts';
import type { Call } from './call.ts';
import { denied, ObjectError } from './errors.ts';

/** A link holds for at most seven days. */
const longestSeconds = 604_800;
/** S3 bears clocks that differ by 15 minutes. */
const clockSkewMs = 15 * 60_000;

/**
 * Checks a request whose query is signed. Throws `ObjectError` when it has expired or is not what was signed.
 * Source: "Authenticating Requests: Using Query Parameters" of the S3 API reference.
 */
export function checkSignedLink(call: Call, request: IncomingMessage, now: number): void {
  const value = (name: string) => {
    const found = call.header(name);
    if (found !== undefined) return found;
    throw new ObjectError(400, 'AuthorizationQueryParametersError', `The query lacks ${name}`);
  };
  const date = value('x-amz-date');
  const expires = Number(value('x-amz-expires'));
  if (!(expires >= 0 && expires <= longestSeconds)) {
    const message = 'X-Amz-Expires must be less than a week (in seconds)';
    throw new ObjectError(400, 'AuthorizationQueryParametersError', message);
  }
  const signedAt = Date.parse(
    date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
  if (Number.isNaN(signedAt) || signedAt > now + clockSkewMs) throw denied('Request is not valid yet');
  if (now > signedAt + expires * 1000) throw denied('Request has expired');

  const [accessKeyId, ...scope] = value('x-amz-credential').split('/');
  if (accessKeyId !== credentials.accessKeyId) {
    throw new ObjectError(403, 'InvalidAccessKeyId', 'The AWS Access Key Id does not exist in our records');
  }
  const canonical = canonicalRequest(call, request, value('x-amz-signedheaders'));
  const text = [value('x-amz-algorithm'), date, scope.join('/'), sha256(canonical)].join('\n');
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`);
  if (!same(hmac(key, text).toString('hex'), value('x-amz-signature'))) {
    const message = 'The request signature we calculated does not match the signature you provided';
    throw new ObjectError(403, 'SignatureDoesNotMatch', message);
  }
}

function canonicalRequest(call: Call, request: IncomingMessage, signedHeaders: string): string {
  const pairs = [...call.query]
    .filter(([name]) => name.toLowerCase() !== 'x-amz-signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort();
  const headers = signedHeaders.split(';').map(
    (name) =>
      `${name}:${String(request.headers[name] ?? '')
        .trim()
        .replace(/ +/g, ' ')}\n`,
  );
  const path = call.url.split('?', 1)[0] ?? '';
  const payload = call.header('x-amz-content-sha256') ?? 'UNSIGNED-PAYLOAD';
  return [call.method, path, pairs.join('&'), headers.join(''), signedHeaders, payload].join('\n');
}

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

function same(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}
