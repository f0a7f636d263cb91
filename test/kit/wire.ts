import { connect } from 'node:net';

/** One request, byte by byte: nothing is checked, escaped or added, so that a test may send what no client library would. */
export interface Request {
  method: string;
  /** Path and query as they go on the line. */
  target: string;
  headers: readonly (readonly [name: string, value: string])[];
  body?: Buffer;
}

export interface Reply {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  text: string;
}

const PATIENCE_MS = 40_000;

/** Sends a request on a connection of its own; null where the server closed without an answer. */
export const send = (url: string, request: Request): Promise<Reply | null> =>
  exchange(url, bytesOf(request)).then(([first]) => first ?? null);

export function bytesOf({ method, target, headers, body }: Request): Buffer {
  const named = (name: string) => headers.some(([other]) => other.toLowerCase() === name);
  const lines = [
    `${method} ${target} HTTP/1.1`,
    ...(named('host') ? [] : ['host: 127.0.0.1']),
    ...(named('connection') ? [] : ['connection: close']),
    ...(body && !named('content-length') && !named('transfer-encoding')
      ? [`content-length: ${body.length}`]
      : []),
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8'), body ?? Buffer.alloc(0)]);
}

/** Writes bytes, as one or several pieces, and reads every answer until the server closes. */
export function exchange(url: string, ...pieces: Buffer[]): Promise<Reply[]> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => {
      for (const piece of pieces) socket.write(piece);
    });
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('no answer and no end')));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // A server may answer and hang up before it has read everything.
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
    socket.on('close', () => resolve(repliesIn(Buffer.concat(chunks))));
  });
}

/** Every answer in what came over one connection. An answer to HEAD has to be the last. */
function repliesIn(bytes: Buffer): Reply[] {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return [];
  const [line = '', ...lines] = bytes.subarray(0, end).toString('utf8').split('\r\n');
  const headers: Record<string, string> = {};
  for (const header of lines) {
    const colon = header.indexOf(':');
    headers[header.slice(0, colon).toLowerCase()] = header.slice(colon + 1).trim();
  }
  const length = headers['content-length'] === undefined ? bytes.length : Number(headers['content-length']);
  const status = Number(line.split(' ')[1]);
  const from = end + 4;
  const rest = bytes.subarray(from + length);
  if (status < 200) return repliesIn(bytes.subarray(from));
  return [
    { status, headers, text: bytes.subarray(from, from + length).toString('utf8') },
    ...repliesIn(rest),
  ];
}
