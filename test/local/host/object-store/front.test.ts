import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectRetentionCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ObjectFront, startObjectFront } from '../../../../local/host/object-store/front.ts';
import { freePort } from '../../../../local/services/ports.ts';
import { type Queues, startQueues } from '../../../../local/services/queues.ts';

let dataDir: string;
let queues: Queues;
let front: ObjectFront;
let s3: S3Client;
/** How far the clock of the front is ahead. */
let ahead = 0;
const day = 86_400_000;
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

const startFront = () =>
  startObjectFront({
    upstream: queues.s3Url,
    locksFile: join(dataDir, 'locks.db'),
    buckets: new Map([
      ['locked', { mode: 'COMPLIANCE' as const, days: 7 }],
      ['lockable', { days: 0 }],
    ]),
    policies: { denies: () => false },
    callerOf: () => undefined,
    now: () => Date.now() + ahead,
    log: (line) => console.error(line),
  });

const clientOf = (endpoint: string) =>
  new S3Client({ endpoint, region: 'eu-west-1', forcePathStyle: true, maxAttempts: 1, credentials });

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'objects-'));
  queues = await startQueues({ dataDir, port: await freePort() });
  for (const Bucket of ['open', 'locked', 'lockable']) {
    await clientOf(queues.s3Url).send(new CreateBucketCommand({ Bucket }));
  }
});

beforeEach(async () => {
  front = await startFront();
  s3 = clientOf(front.url);
});

afterEach(async () => {
  ahead = 0;
  await front.close();
});

afterAll(async () => {
  await queues.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const put = (Bucket: string, Key: string, Body: string | Uint8Array, more: object = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = async (Bucket: string, Key: string, Range?: string) => {
  const { Body, ContentRange } = await s3.send(
    new GetObjectCommand({ Bucket, Key, ...(Range && { Range }) }),
  );
  return { text: await Body?.transformToString(), ContentRange };
};
const once = { IfNoneMatch: '*' };
const refusal = async (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { name: string; $metadata?: { httpStatusCode?: number } }) =>
      `${error.$metadata?.httpStatusCode} ${error.name}`,
  );

describe('what goes through', () => {
  it('bytes, types, ranges, and the empty object', async () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => index % 251);
    await put('open', 'a b/ü+%.bin', bytes, { ContentType: 'image/png', Metadata: { who: 'me' } });
    const whole = await s3.send(new GetObjectCommand({ Bucket: 'open', Key: 'a b/ü+%.bin' }));
    expect([whole.ContentType, whole.Metadata]).toEqual(['image/png', { who: 'me' }]);
    expect(Buffer.from((await whole.Body?.transformToByteArray()) ?? []).equals(bytes)).toBe(true);
    await put('open', 'range', '0123456789');
    expect(await get('open', 'range', 'bytes=2-4')).toEqual({ text: '234', ContentRange: 'bytes 2-4/10' });
    expect((await get('open', 'range', 'bytes=-3')).text).toBe('789');
    expect(await refusal(get('open', 'range', 'bytes=10-'))).toBe('416 InvalidRange');
    await put('open', 'empty', '');
    expect((await get('open', 'empty')).text).toBe('');
    const head = await s3.send(new HeadObjectCommand({ Bucket: 'open', Key: 'range' }));
    expect(head.ContentLength).toBe(10);
    expect(await refusal(get('open', 'nothing'))).toBe('404 NoSuchKey');
    expect(await refusal(s3.send(new HeadObjectCommand({ Bucket: 'open', Key: 'nothing' })))).toBe(
      '404 NotFound',
    );
  });

  it('lists in the order of bytes, page by page, after a key', async () => {
    const keys = ['p/-', 'p/.', 'p/0', 'p/1.p/2', 'p/1/2', 'p/A', 'p/Z', 'p/_', 'p/a', 'p/é', 'q'];
    for (const Key of [...keys].reverse()) await put('open', Key, 'x');
    const pages: string[][] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsV2Command({
          ...{ Bucket: 'open', Prefix: 'p/', MaxKeys: 3, StartAfter: 'p/-' },
          ...(ContinuationToken && { ContinuationToken }),
        }),
      );
      pages.push((page.Contents ?? []).map(({ Key = '' }) => Key));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    expect(pages).toEqual([keys.slice(1, 4), keys.slice(4, 7), keys.slice(7, 10)]);
  });

  it('uploads in parts', async () => {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: 'open', Key: 'large' }));
    const part = new Uint8Array(6 * 1024 * 1024).fill(7);
    const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
    for (const [PartNumber, Body] of [
      [1, part],
      [2, Buffer.from('end')],
    ] as const) {
      const sent = await s3.send(
        new UploadPartCommand({ Bucket: 'open', Key: 'large', UploadId, PartNumber, Body }),
      );
      Parts.push({ PartNumber, ETag: sent.ETag });
    }
    const complete = () =>
      s3.send(
        new CompleteMultipartUploadCommand({
          ...{ Bucket: 'open', Key: 'large', UploadId, IfNoneMatch: '*' },
          MultipartUpload: { Parts },
        }),
      );
    await put('open', 'large', 'was first');
    expect(await refusal(complete())).toBe('412 PreconditionFailed');
    await s3.send(new DeleteObjectCommand({ Bucket: 'open', Key: 'large' }));
    await complete();
    expect((await get('open', 'large', `bytes=${part.length - 1}-`)).text).toBe('\u0007end');
  });

  it('nothing it does not know: a tag would have overwritten the object', async () => {
    await put('open', 'tagged', 'content');
    const Tagging = { TagSet: [{ Key: 'a', Value: 'b' }] };
    const tag = s3.send(new PutObjectTaggingCommand({ Bucket: 'open', Key: 'tagged', Tagging }));
    expect(await refusal(tag)).toBe('501 NotImplemented');
    expect((await get('open', 'tagged')).text).toBe('content');
    expect((await fetch(`${front.url}/open/tagged`)).status).toBe(403);
  });
});

describe('conditions', () => {
  it('lets exactly one of many racing puts create a key', async () => {
    const racing = Array.from({ length: 12 }, (_, n) => refusal(put('open', 'race', `writer ${n}`, once)));
    const outcomes = await Promise.all(racing);
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === '412 PreconditionFailed')).toHaveLength(11);
    expect((await get('open', 'race')).text).toBe(`writer ${outcomes.indexOf('done')}`);
  });

  it('replaces only the version that If-Match names', async () => {
    const { ETag } = await put('open', 'versioned', 'one');
    await put('open', 'versioned', 'two', { IfMatch: ETag });
    expect(await refusal(put('open', 'versioned', 'three', { IfMatch: ETag }))).toBe(
      '412 PreconditionFailed',
    );
    expect(await refusal(put('open', 'unversioned', 'x', { IfMatch: ETag }))).toBe('404 NoSuchKey');
    expect((await get('open', 'versioned')).text).toBe('two');
  });
});

describe('Object Lock', () => {
  const remove = (Key: string, Bucket = 'locked') => s3.send(new DeleteObjectCommand({ Bucket, Key }));
  const retain = (Key: string, RetainUntilDate: Date, Mode: 'COMPLIANCE' | 'GOVERNANCE' = 'COMPLIANCE') =>
    s3.send(new PutObjectRetentionCommand({ Bucket: 'locked', Key, Retention: { Mode, RetainUntilDate } }));
  const retention = async (Key: string) =>
    (await s3.send(new GetObjectRetentionCommand({ Bucket: 'locked', Key }))).Retention;

  it('holds an object for the default of its bucket, also for a front that starts after one that never ended', async () => {
    await put('locked', 'kept', 'first', once);
    const killed = front;
    front = await startFront();
    s3 = clientOf(front.url);
    expect(await refusal(remove('kept'))).toBe('403 AccessDenied');
    expect(await refusal(put('locked', 'kept', 'second'))).toBe('403 AccessDenied');
    expect((await get('locked', 'kept')).text).toBe('first');
    const head = await s3.send(new HeadObjectCommand({ Bucket: 'locked', Key: 'kept' }));
    expect(head.ObjectLockMode).toBe('COMPLIANCE');
    expect(Number(head.ObjectLockRetainUntilDate)).toBeGreaterThan(Date.now() + 6.9 * day);
    await killed.close();
  });

  it('is made longer, never shorter or weaker', async () => {
    await put('locked', 'longer', 'x', once);
    const later = new Date(Math.floor(Date.now() / 1000) * 1000 + 30 * day);
    await retain('longer', later);
    expect(await retention('longer')).toEqual({ Mode: 'COMPLIANCE', RetainUntilDate: later });
    expect(await refusal(retain('longer', new Date(Date.now() + 8 * day)))).toBe('403 AccessDenied');
    expect(await refusal(retain('longer', new Date(Date.now() + 40 * day), 'GOVERNANCE'))).toBe(
      '403 AccessDenied',
    );
    expect(await retention('longer')).toEqual({ Mode: 'COMPLIANCE', RetainUntilDate: later });
  });

  it('takes the retention that a put names, and lets go when it is over', async () => {
    const ObjectLockRetainUntilDate = new Date(Date.now() + 2 * day);
    await put('lockable', 'named', 'x', { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate });
    await put('lockable', 'free', 'x');
    await remove('free', 'lockable');
    expect(await refusal(remove('named', 'lockable'))).toBe('403 AccessDenied');
    ahead = 3 * day;
    await remove('named', 'lockable');
    expect(await refusal(get('lockable', 'named'))).toBe('404 NoSuchKey');
  });

  it('holds against a delete of many, key by key', async () => {
    await put('locked', 'many & <held>', 'x', once);
    const Objects = [{ Key: 'many & <held>' }, { Key: 'never was' }];
    const answer = await s3.send(new DeleteObjectsCommand({ Bucket: 'locked', Delete: { Objects } }));
    expect(answer.Deleted?.map(({ Key }) => Key)).toEqual(['never was']);
    expect(answer.Errors?.map(({ Key, Code }) => [Key, Code])).toEqual([['many & <held>', 'AccessDenied']]);
    expect((await get('locked', 'many & <held>')).text).toBe('x');
  });

  it('is refused where the bucket has none', async () => {
    const ObjectLockRetainUntilDate = new Date(Date.now() + day);
    const work = put('open', 'plain', 'x', { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate });
    expect(await refusal(work)).toBe('400 InvalidRequest');
  });
});

describe('a signed link', () => {
  const link = (Key: string, expiresIn: number, more: object = {}) =>
    getSignedUrl(s3, new GetObjectCommand({ Bucket: 'open', Key, ...more }), { expiresIn });

  it('is followed by anyone, with the headers it sets for its answer', async () => {
    await put('open', 'link/é x', 'content');
    const disposition = 'attachment; filename="entries.csv"';
    const answer = await fetch(await link('link/é x', 60, { ResponseContentDisposition: disposition }));
    expect([answer.status, await answer.text()]).toEqual([200, 'content']);
    expect(answer.headers.get('content-disposition')).toBe(disposition);
    const part = await fetch(await link('link/é x', 60), { headers: { range: 'bytes=3-' } });
    expect([part.status, await part.text()]).toEqual([206, 'tent']);
  });

  it('puts what it was signed for', async () => {
    const url = await getSignedUrl(s3, new PutObjectCommand({ Bucket: 'open', Key: 'uploaded' }));
    expect((await fetch(url, { method: 'PUT', body: 'by link' })).status).toBe(200);
    expect((await get('open', 'uploaded')).text).toBe('by link');
  });

  it('opens nothing else, and nothing once it has expired', async () => {
    await put('open', 'one', '1');
    await put('open', 'two', '2');
    const url = await link('one', 60);
    const other = await fetch(url.replace('/open/one', '/open/two'));
    expect([other.status, await other.text()]).toEqual([
      403,
      expect.stringContaining('SignatureDoesNotMatch'),
    ]);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
    expect((await fetch(url.replace('Expires=60', 'Expires=600'))).status).toBe(403);
    ahead = 61_000;
    const late = await fetch(url);
    expect([late.status, await late.text()]).toEqual([403, expect.stringContaining('Request has expired')]);
  });
});
