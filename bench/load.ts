import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { narrative } from './sample.ts';

/** Somebody who reports on one commitment, knowing its version. */
export interface Writer {
  id: string;
  version: number;
}

export interface Driven {
  count: number;
  perSecond: number;
  /** Milliseconds of each update. */
  latencies: number[];
}

/** Narratives of the updates, in bytes. */
const NARRATIVE_BYTES = 200;

/** Sends updates for so long, as many at a time as there are writers; each has one in flight. Throws on the first that is not 201. */
export async function drive(
  url: string,
  token: string,
  writers: readonly Writer[],
  milliseconds: number,
): Promise<Driven> {
  const agent = new Agent({ keepAlive: true, maxSockets: writers.length });
  const latencies: number[] = [];
  const began = performance.now();
  const end = began + milliseconds;
  await Promise.all(
    writers.map(async (writer) => {
      while (performance.now() < end) latencies.push(await sendUpdate(agent, url, token, writer));
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  agent.destroy();
  return { count: latencies.length, perSecond: latencies.length / seconds, latencies };
}

let sent = 0;

/** One update on the writer's commitment; answers its milliseconds. */
export function sendUpdate(agent: Agent, url: string, token: string, writer: Writer): Promise<number> {
  const body = JSON.stringify({ narrative: narrative(NARRATIVE_BYTES, ++sent) });
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${url}/v1/commitments/${writer.id}/updates`,
      {
        agent,
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'idempotency-key': randomUUID(),
          'if-match': `"v${writer.version}"`,
        },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          if (answer.statusCode !== 201) {
            reject(new Error(`an update was answered ${answer.statusCode}: ${text}`));
            return;
          }
          const version = /"v(\d+)"/.exec(answer.headers.etag ?? '')?.[1];
          writer.version = Number(version);
          resolve(performance.now() - began);
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** The commitments of a running system, as many as are asked for. */
export async function findWriters(url: string, count: number): Promise<Writer[]> {
  const answer = await fetch(`${url}/v1/commitments?limit=200`);
  const { data } = (await answer.json()) as { data: Writer[] };
  if (data.length < count) throw new RangeError(`${data.length} commitments, ${count} writers`);
  return data.slice(0, count).map(({ id, version }) => ({ id, version }));
}
