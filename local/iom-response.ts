import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '..', 'data', 'iom-mopan-2023');
export const REFERENCE = 'EO/35/2024';
const DATE = '2024-01-24';

/** A row of `commitments.json`, as far as it is loaded. */
export interface Row {
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

/** The commitments of the response, in its order. */
export const readRows = (): Row[] => readJson('commitments.json');

/** The body that registers the IOM response, with its framework and its whole text. */
export function responseBody() {
  const { id, name, areas, kpis, indicators }: Catalogue = readJson('framework.json');
  return {
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
  };
}

/** The body that registers a commitment; `dependsOn` holds the ids of those it depends on. */
export const commitmentBody = (row: Row, responseId: string, dependsOn: string[]) => ({
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
  dependsOn,
  systems: row.systems,
  amounts: row.amounts,
  ...(row.note !== null && { note: row.note }),
});

/** "bi-annual" may mean twice a year or every two years: its words are kept and no date is made up. */
function recurrenceOf(text: string) {
  const frequency = text.startsWith('annual')
    ? 'yearly'
    : text.includes('normally twice a year')
      ? 'twice-yearly'
      : null;
  return { text, frequency, from: frequency === null ? null : '2023-12-31' };
}

const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');
const readJson = (name: string) => JSON.parse(read(name));
