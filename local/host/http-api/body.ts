import type { IncomingMessage } from 'node:http';

/** What is too large is read to its end up to here, since a client that still sends sees a broken connection, not the answer. */
const maximumRead = 64 * 1024 * 1024;

/** The body of a request, undefined when it has none. */
export function readBody(
  request: IncomingMessage,
  maximum: number,
): Promise<Buffer | undefined | 'too large' | 'gone'> {
  const declared = request.headers['content-length'];
  if (declared === '0' || (declared === undefined && request.headers['transfer-encoding'] === undefined)) {
    request.resume();
    return Promise.resolve(undefined);
  }
  if (Number(declared) > maximumRead) return Promise.resolve('too large');
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maximum) chunks.push(chunk);
      else if (size > maximumRead) resolve('too large');
    });
    request.on('end', () => {
      if (size > maximum) resolve('too large');
      else resolve(chunks.length === 1 ? chunks[0] : chunks.length === 0 ? undefined : Buffer.concat(chunks));
    });
    request.on('close', () => resolve('gone'));
    request.on('error', () => resolve('gone'));
  });
}
