import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDynamoDb } from '../../local/services/dynamodb.ts';
import { freePort } from '../../local/services/ports.ts';
import { startIssuer } from '../../test/kit/issuer.ts';
import type { Measure } from '../measure.ts';
import { type Row, row } from '../row.ts';
import { interleave, percentile, ratios } from '../spread.ts';
import { clientOf } from '../tables.ts';
import { fillTrail } from './fill.ts';
import { ACTIONS, actorOf, commitmentOf } from './made-trail.ts';
import { createTables } from './tables.ts';
import { type Page, trailApi } from './trail-api.ts';

const SIZES = [1000, 100_000, 1_000_000];
/** Milliseconds within which the largest has to be filled; what is there then is what is measured. */
const FILL_WITHIN = 15 * 60_000;
/** The database is held in memory, by SQLite outside of this heap. */
const HEAP_MB = 4096;
const READS = 15;
const PAGE = 50;

const QUERIES = {
  newest: 'newest page',
  commitment: 'page of a commitment',
  'actor and action': 'page of an actor and an action',
  question: 'page of a question (refusals)',
} as const;
type QueryName = keyof typeof QUERIES;

/** Pages of trails of 1,000, 100,000 and 1,000,000 entries, in one DynamoDB Local. */
export const logQueries: Measure = async ({ quick, say }) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'followthrough-bench-'));
  const database = await startDynamoDb({ dataDir, port: await freePort(), inMemory: true, heap: HEAP_MB });
  const client = clientOf(database.url);
  const issuer = await startIssuer();
  try {
    const trails: { size: number; name: string; ask: (query: string) => Promise<Page> }[] = [];
    let rate = 0;
    for (const wanted of quick ? [SIZES[0] as number, 10_000] : SIZES) {
      const tables = await createTables(client, `t${wanted}`);
      say(`filling ${wanted.toLocaleString('en')} entries`);
      const { size, seconds } = await fillTrail(client, tables, wanted, { within: FILL_WITHIN, say });
      rate = size / seconds;
      say(`${size.toLocaleString('en')} entries after ${seconds.toFixed(0)} s, ${rate.toFixed(0)} a second`);
      const ask = await trailApi(database.url, tables, issuer);
      trails.push({ size, name: size.toLocaleString('en'), ask });
    }
    const names = Object.keys(QUERIES) as QueryName[];
    const variants = Object.fromEntries(
      trails.flatMap(({ size, ask }) =>
        names.map((name) => [`${size} ${name}`, () => readSome(ask, parametersOf(name, size))]),
      ),
    );
    say('reading');
    await interleave(3, variants);
    const times = await interleave(quick ? 5 : 20, variants);
    const largest = trails.at(-1)?.size;
    const [least] = trails;
    return names.flatMap((name) =>
      trails.map(({ size, name: entries }): Row => {
        const figures = times[`${size} ${name}`] ?? [];
        const floor = times[`${least?.size} ${name}`] ?? [];
        return row({
          name: `${QUERIES[name]}, ${entries} entries, p50`,
          unit: 'ms',
          figures,
          ...(size !== least?.size && {
            floor: { name: `ms, of ${least?.name}`, values: floor },
            ratios: ratios(figures, floor),
          }),
          ...(size === largest &&
            name === 'newest' && {
              target: { of: 'ratio', is: 'at most', value: 1.2 },
              note: `filled at ${rate.toFixed(0)} entries a second${quick || size === SIZES.at(-1) ? '' : '; more could not be filled in time'}`,
            }),
        });
      }),
    );
  } finally {
    client.destroy();
    await issuer.stop();
    await database.stop();
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
};

function parametersOf(name: QueryName, size: number): string {
  const newest = size - 1;
  const parameters: Record<QueryName, Record<string, string>> = {
    newest: {},
    commitment: { commitment: commitmentOf(newest) },
    'actor and action': { actor: actorOf(newest), action: ACTIONS[1] },
    question: { question: 'refusals' },
  };
  return new URLSearchParams({ ...parameters[name], limit: String(PAGE) }).toString();
}

/** The median of some reads, one after the other; each has to give a full page. */
async function readSome(ask: (query: string) => Promise<Page>, query: string): Promise<number> {
  const times: number[] = [];
  for (let read = 0; read < READS; read++) {
    const began = performance.now();
    const { data, next_cursor } = await ask(query);
    times.push(performance.now() - began);
    if (data.length !== PAGE || next_cursor === null) throw new Error(`${query} has ${data.length} entries`);
  }
  return percentile(times, 50);
}
