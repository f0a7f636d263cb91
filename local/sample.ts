import { type Command, type Connection, connect } from './api-client.ts';
import { commitmentBody, REFERENCE, type Row, readRows, responseBody } from './iom-response.ts';

const IN_FLIGHT = 4;

export interface SampleOptions {
  url: string;
  /** A coordinator's. */
  token: string;
  /** Called after each commitment. */
  onProgress?(loaded: number, of: number): void;
}

/**
 * Registers the IOM response and its commitments through the ordinary commands, dependencies first. Every command
 * has the same idempotency key each time and what is already there is left alone, so that an interrupted load can be
 * run again. Answers how many commitments the response has.
 */
export async function loadSample({ url, token, onProgress }: SampleOptions): Promise<number> {
  const api = connect(url, token);
  const rows = readRows();
  const responseId = (await findResponse(api)) ?? (await register(api, responseCommand()));
  const ids = await findCommitments(api, responseId);
  for (const wave of waves(rows)) {
    const missing = wave.filter((row) => !ids.has(row.id));
    await inFlight(missing, IN_FLIGHT, async (row) => {
      ids.set(row.id, await register(api, commitmentCommand(row, responseId, ids)));
      onProgress?.(ids.size, rows.length);
    });
  }
  return ids.size;
}

async function register(api: Connection, command: Command): Promise<string> {
  const answer = await api.post(command);
  const made = answer['response'] ?? answer['commitment'];
  if (typeof made === 'object' && made !== null && 'id' in made && typeof made.id === 'string')
    return made.id;
  throw new Error(`${command.path} answered without the id of what was registered`);
}

async function findResponse(api: Connection): Promise<string | undefined> {
  const known = await api.all('/v1/responses');
  return known.find((one) => one.reference === REFERENCE)?.id;
}

async function findCommitments(api: Connection, responseId: string): Promise<Map<string, string>> {
  const known = await api.all(`/v1/commitments?response=${responseId}&limit=200`);
  return new Map(known.map((one) => [one.reference, one.id]));
}

const responseCommand = (): Command => ({
  path: '/v1/responses',
  key: 'sample-response',
  body: responseBody(),
});

const commitmentCommand = (row: Row, responseId: string, ids: Map<string, string>): Command => ({
  path: '/v1/commitments',
  key: `sample-${row.id}`,
  body: commitmentBody(
    row,
    responseId,
    row.dependsOn.map((reference) => ids.get(reference) as string),
  ),
});

/** Groups rows so that each depends only on rows of earlier groups. */
export function waves<R extends { id: string; dependsOn: string[] }>(rows: R[]): R[][] {
  const done = new Set<string>();
  const result: R[][] = [];
  let left = rows;
  while (left.length > 0) {
    const wave = left.filter((row) => row.dependsOn.every((id) => done.has(id)));
    if (wave.length === 0) throw new Error(`${left.map((row) => row.id).join(', ')} wait for each other`);
    for (const row of wave) done.add(row.id);
    left = left.filter((row) => !done.has(row.id));
    result.push(wave);
  }
  return result;
}

/** Works on so many items at a time. After a failure nothing new is begun, and what was begun has ended. */
async function inFlight<T>(items: T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      try {
        await work(item);
      } catch (error) {
        left.length = 0;
        throw error;
      }
    }
  };
  const workers = Array.from({ length: limit }, worker);
  await Promise.allSettled(workers);
  await Promise.all(workers);
}
