import type { IncomingHttpHeaders } from 'node:http';
import type { Call } from './call.ts';
import {
  denied,
  document,
  element,
  notImplemented,
  ObjectError,
  preconditionFailed,
  textsOf,
} from './errors.ts';
import { makeExclusive } from './exclusive.ts';
import type { Locks } from './locks.ts';
import { type BucketLock, checkChange, isHeld, readRetention, retentionOf } from './retention.ts';
import type { Upstream, UpstreamAnswer } from './upstream.ts';

export interface Writes {
  /** `PutObject` and `CompleteMultipartUpload`: their condition, then the lock, then the object. */
  create(call: Call, headers: IncomingHttpHeaders, body: Buffer): Promise<UpstreamAnswer>;
  remove(call: Call, headers: IncomingHttpHeaders): Promise<UpstreamAnswer>;
  /** `DeleteObjects`: each key for itself, as S3 does. */
  removeMany(call: Call, body: Buffer, isDenied: (key: string) => boolean): Promise<UpstreamAnswer>;
  getRetention(call: Call): UpstreamAnswer;
  putRetention(call: Call, body: Buffer): Promise<UpstreamAnswer>;
}

export interface WritesOptions {
  upstream: Upstream;
  locks: Locks;
  buckets: Map<string, BucketLock>;
  now(): number;
}

const nothing = Buffer.alloc(0);
const held = () => denied('Access Denied because object protected by object lock.');

export function makeWrites({ upstream, locks, buckets, now }: WritesOptions): Writes {
  const exclusive = makeExclusive();
  const alone = <T>(call: Call, work: () => Promise<T>) => exclusive(`${call.bucket}/${call.key}`, work);
  const pathOf = (bucket: string, key: string) =>
    `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;

  async function removeKey(call: Call, key: string, headers: IncomingHttpHeaders): Promise<UpstreamAnswer> {
    return exclusive(`${call.bucket}/${key}`, async () => {
      if (isHeld(locks.of(call.bucket, key), call, now())) throw held();
      const answer = await upstream.send('DELETE', pathOf(call.bucket, key), headers, nothing);
      if (answer.status < 300) locks.set(call.bucket, key, undefined);
      return answer;
    });
  }

  return {
    create: (call, headers, body) =>
      alone(call, async () => {
        const { bucket, key } = call;
        const etag = await upstream.etagOf(pathOf(bucket, key));
        checkConditions(call, etag);
        const before = locks.of(bucket, key);
        // A retention whose object is gone from the server behind protects nothing any more.
        if (etag !== undefined && isHeld(before, call, now())) throw held();
        const retention = retentionOf(call, buckets.get(bucket), now());
        if (retention && call.operation === 'put') needsChecksum(headers);
        const { 'if-none-match': _, 'if-match': __, ...passed } = headers;
        locks.set(bucket, key, retention);
        const answer = await upstream.send(call.method, call.url, passed, body);
        if (answer.status >= 300) locks.set(bucket, key, before);
        return answer;
      }),
    remove: (call, headers) => removeKey(call, call.key, headers),
    async removeMany(call, body, isDenied) {
      const xml = body.toString('utf8');
      const quiet = textsOf(xml, 'Quiet').includes('true');
      const results: string[] = [];
      for (const key of textsOf(xml, 'Key')) {
        try {
          if (isDenied(key)) throw denied();
          await removeKey(call, key, {});
          if (!quiet) results.push(`<Deleted>${element('Key', key)}</Deleted>`);
        } catch (error) {
          if (!(error instanceof ObjectError)) throw error;
          const parts = [element('Key', key), element('Code', error.code), element('Message', error.message)];
          results.push(`<Error>${parts.join('')}</Error>`);
        }
      }
      return xmlAnswer(`<DeleteResult xmlns="${namespace}">${results.join('')}</DeleteResult>`);
    },
    getRetention({ bucket, key }) {
      const found = locks.of(bucket, key);
      if (!found) {
        const message = 'The specified object does not have a ObjectLock configuration';
        throw new ObjectError(404, 'NoSuchObjectLockConfiguration', message);
      }
      const parts = [
        element('Mode', found.mode),
        element('RetainUntilDate', new Date(found.until).toISOString()),
      ];
      return xmlAnswer(`<Retention xmlns="${namespace}">${parts.join('')}</Retention>`);
    },
    putRetention: (call, body) =>
      alone(call, async () => {
        const { bucket, key } = call;
        if (!buckets.has(bucket)) {
          throw new ObjectError(400, 'InvalidRequest', 'Bucket is missing Object Lock Configuration');
        }
        if ((await upstream.etagOf(pathOf(bucket, key))) === undefined) {
          throw new ObjectError(404, 'NoSuchKey', 'The specified key does not exist.');
        }
        const xml = body.toString('utf8');
        const wanted = readRetention(textsOf(xml, 'Mode')[0], textsOf(xml, 'RetainUntilDate')[0], now());
        checkChange(locks.of(bucket, key), wanted, call, now());
        locks.set(bucket, key, wanted);
        return { status: 200, headers: {}, body: nothing };
      }),
  };
}

const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';

function xmlAnswer(inner: string): UpstreamAnswer {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: Buffer.from(document(inner)) };
}

/** Source: "How to prevent object overwrites with conditional writes" of the S3 guide. */
function checkConditions(call: Call, etag: string | undefined): void {
  const absent = call.header('if-none-match');
  const present = call.header('if-match');
  if (absent !== undefined && absent !== '*')
    throw notImplemented('If-None-Match with an entity tag on a write');
  if (absent === '*' && etag !== undefined) throw preconditionFailed();
  if (present === undefined) return;
  if (etag === undefined) throw new ObjectError(404, 'NoSuchKey', 'The specified key does not exist.');
  if (present !== etag && `"${present}"` !== etag) throw preconditionFailed();
}

function needsChecksum(headers: IncomingHttpHeaders): void {
  const names = Object.keys(headers);
  if (names.some((name) => name === 'content-md5' || /^x-amz-(checksum-|trailer)/.test(name))) return;
  const message =
    'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters';
  throw new ObjectError(400, 'InvalidRequest', message);
}
