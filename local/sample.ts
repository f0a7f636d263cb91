import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, type Connection, connect } from './api-client.ts';

const FOLDER = join(import.meta.dirname, '..', 'data', 'iom-mopan-2023');
const REFERENCE = 'EO/35/2024';
const DATE = '2024-01-24';
const IN_FLIGHT = 4;

/** A row of `commitments.json`, as far as it is loaded. */
interface Row {
  id: string;
  title: string;
  quote: string;
  start: number;
  end: number;
  section: string;
  kind: string;
  type: string;
  indicators: string[];
  ownerUnit: string | null;
  due: object | null;
  recurrence: string | null;
  dependsOn: string[];
  systems: string[];
  amounts: object[];
  note: string | null;
}

interface Catalogue {
  id: string;
  name: string;
  areas: { id: string; name: string }[];
  kpis: { id: string; name: string; area: string }[];
  indicators: { id: string; label: string; kpi: string }[];
}

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
  const rows: Row[] = readJson('commitments.json');
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

function responseCommand(): Command {
  const { id, name, areas, kpis, indicators }: Catalogue = readJson('framework.json');
  return {
    path: '/v1/responses',
    key: 'sample-response',
    body: {
      organisation: 'International Organization for Migration',
      title: 'IOM management response to the MOPAN assessment 2023',
      assessment: 'MOPAN 2023',
      reference: REFERENCE,
      date: DATE,
      source: { title: `IOM letter ${REFERENCE}, 24 January 2024`, date: DATE, text: read('response.txt') },
      framework: {
        id,
        name,
        areas: areas.map((area) => ({ id: area.id, name: area.name })),
        kpis: kpis.map((kpi) => ({ id: kpi.id, name: kpi.name, area: kpi.area })),
        indicators: indicators.map((one) => ({ id: one.id, label: one.label, kpi: one.kpi })),
      },
      reportingBodies: ['Standing Committee on Programmes and Finance', 'Member States'],
      stances: [],
    },
  };
}

function commitmentCommand(row: Row, responseId: string, ids: Map<string, string>): Command {
  return {
    path: '/v1/commitments',
    key: `sample-${row.id}`,
    body: {
      responseId,
      reference: row.id,
      title: row.title,
      quote: row.quote,
      source: { start: row.start, end: row.end },
      section: row.section,
      kind: row.kind,
      type: row.type,
      indicators: row.indicators,
      unit: row.ownerUnit,
      due: row.due,
      recurrence: row.recurrence === null ? null : recurrenceOf(row.recurrence),
      dependsOn: row.dependsOn.map((reference) => ids.get(reference)),
      systems: row.systems,
      amounts: row.amounts,
      ...(row.note !== null && { note: row.note }),
    },
  };
}

/** "bi-annual" may mean twice a year or every two years: its words are kept and no date is made up. */
function recurrenceOf(text: string) {
  const frequency = text.startsWith('annual')
    ? 'yearly'
    : text.includes('normally twice a year')
      ? 'twice-yearly'
      : null;
  return { text, frequency, from: frequency === null ? null : '2023-12-31' };
}

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

const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');
const readJson = (name: string) => JSON.parse(read(name));
