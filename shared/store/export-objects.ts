import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NoSuchUpload,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

/** What S3 says of a part that it took. */
export interface UploadedPart {
  n: number;
  etag: string;
}

/** The bucket in which exports stand until they expire. Names of objects begin with the export's id. */
export interface ExportObjects {
  put(key: string, bytes: Uint8Array, contentType: string): Promise<void>;
  /** @throws where there is no such object. */
  get(key: string): Promise<Uint8Array>;
  /** An object from a byte on, as it comes. @throws where there is no such object. */
  read(key: string, from?: number): AsyncGenerator<Uint8Array>;
  /** Begins an upload in parts; answers its id. */
  begin(key: string, contentType: string): Promise<string>;
  /** A part: at least 5 MiB, but for the last. The same number again replaces it. */
  part(key: string, uploadId: string, n: number, bytes: Uint8Array): Promise<UploadedPart>;
  /** Makes the object of its parts. To do it again is harmless. @throws where the parts are not those that were named. */
  complete(key: string, uploadId: string, parts: readonly UploadedPart[]): Promise<void>;
  abandon(key: string, uploadId: string): Promise<void>;
  /** An address under which anyone may fetch the object for so many seconds, as a file of that name. */
  link(key: string, fileName: string, seconds: number): Promise<string>;
}

export function exportObjects(client: S3Client, bucket: string): ExportObjects {
  const at = (Key: string) => ({ Bucket: bucket, Key });
  return {
    async put(key, bytes, contentType) {
      await client.send(new PutObjectCommand({ ...at(key), Body: bytes, ContentType: contentType }));
    },
    async get(key) {
      const { Body } = await client.send(new GetObjectCommand(at(key)));
      if (!Body) throw new Error(`${key} has no body`);
      return Body.transformToByteArray();
    },
    async *read(key, from = 0) {
      const { Body } = await client.send(
        new GetObjectCommand({ ...at(key), ...(from > 0 && { Range: `bytes=${from}-` }) }),
      );
      if (!Body) throw new Error(`${key} has no body`);
      yield* Body as AsyncIterable<Uint8Array>;
    },
    async begin(key, contentType) {
      const { UploadId } = await client.send(
        new CreateMultipartUploadCommand({ ...at(key), ContentType: contentType }),
      );
      if (!UploadId) throw new Error('an upload without an id');
      return UploadId;
    },
    async part(key, uploadId, n, bytes) {
      const { ETag } = await client.send(
        new UploadPartCommand({ ...at(key), UploadId: uploadId, PartNumber: n, Body: bytes }),
      );
      if (!ETag) throw new Error('a part without a tag');
      return { n, etag: ETag };
    },
    async complete(key, uploadId, parts) {
      const Parts = parts.map(({ n, etag }) => ({ PartNumber: n, ETag: etag }));
      try {
        await client.send(
          new CompleteMultipartUploadCommand({
            ...at(key),
            UploadId: uploadId,
            MultipartUpload: { Parts },
          }),
        );
      } catch (error) {
        // It was completed before, by one who could not say so any more.
        if (!(error instanceof NoSuchUpload || (error as Error).name === 'NoSuchUpload')) throw error;
        await client.send(new HeadObjectCommand(at(key)));
      }
    },
    async abandon(key, uploadId) {
      await client.send(new AbortMultipartUploadCommand({ ...at(key), UploadId: uploadId }));
    },
    link(key, fileName, seconds) {
      const command = new GetObjectCommand({
        ...at(key),
        ResponseContentDisposition: `attachment; filename="${fileName}"`,
      });
      return getSignedUrl(client, command, { expiresIn: seconds });
    },
  };
}
