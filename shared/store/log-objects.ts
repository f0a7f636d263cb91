import {
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { indexText } from './keys.ts';

/** The bucket of the log: what is in it stays as it is. */
export interface LogObjects {
  /** Puts what is not there yet. False where something is, whatever it is. */
  putNew(key: string, bytes: Uint8Array, contentType: string): Promise<boolean>;
  get(key: string): Promise<Uint8Array | null>;
  /** The keys that begin with a prefix and come after `after`, in order. */
  list(prefix: string, after: string): AsyncGenerator<string>;
}

const CONFLICT_ATTEMPTS = 5;

export function logObjects(bucket: string, client: S3Client = new S3Client()): LogObjects {
  return {
    async putNew(key, bytes, contentType) {
      for (let attempt = 1; ; attempt++)
        try {
          await client.send(
            new PutObjectCommand({
              Bucket: bucket,
              Key: key,
              Body: bytes,
              ContentType: contentType,
              IfNoneMatch: '*',
            }),
          );
          return true;
        } catch (error) {
          const status = statusOf(error);
          if (status === 412) return false;
          // ConditionalRequestConflict: another write of the key is under way, and S3 can not say yet which one came first.
          if (status !== 409 || attempt === CONFLICT_ATTEMPTS) throw error;
        }
    },
    async get(key) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return (await Body?.transformToByteArray()) ?? new Uint8Array();
      } catch (error) {
        if (error instanceof NoSuchKey || statusOf(error) === 404) return null;
        throw error;
      }
    },
    async *list(prefix, after) {
      const pages = paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix, StartAfter: after });
      for await (const { Contents = [] } of pages) for (const { Key } of Contents) if (Key) yield Key;
    },
  };
}

const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;

const CHECKPOINTS = 'checkpoints/';
/** Where the published checkpoint of a size stands. */
export const checkpointPath = (size: number): string => `${CHECKPOINTS}${indexText(size)}`;
export const manifestPath = (day: string): string => `manifests/${day}`;

/** The sizes of the published checkpoints after one, ascending. */
export async function* checkpointsAfter(
  objects: Pick<LogObjects, 'list'>,
  size: number,
): AsyncGenerator<number> {
  for await (const key of objects.list(CHECKPOINTS, checkpointPath(size)))
    yield Number(key.slice(CHECKPOINTS.length));
}

/** The newest published checkpoint, a note; null before the first. `size` is one that is known to be out, 0 where none is. */
export async function newestCheckpoint(
  objects: Pick<LogObjects, 'list' | 'get'>,
  size: number,
): Promise<{ size: number; note: string } | null> {
  let newest = size;
  for await (const found of checkpointsAfter(objects, size)) newest = found;
  const bytes = await objects.get(checkpointPath(newest));
  return bytes ? { size: newest, note: Buffer.from(bytes).toString() } : null;
}
