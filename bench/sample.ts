import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../data/iom-mopan-2023');

interface SampleRow {
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
  systems: string[];
  amounts: object[];
}

interface Framework {
  id: string;
  name: string;
  areas: { id: string; name: string }[];
  kpis: { id: string; name: string; area: string }[];
  indicators: { id: string; label: string; kpi: string }[];
}

const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

/** The body that registers the IOM response, with its framework and its whole text. */
export function responseBody() {
  const { id, name, areas, kpis, indicators } = JSON.parse(read('framework.json')) as Framework;
  return {
    organisation: 'International Organization for Migration',
    title: 'IOM management response to the MOPAN assessment 2023',
    assessment: 'MOPAN 2023',
    date: '2024-01-24',
    source: { title: 'IOM letter EO/35/2024, 24 January 2024', text: read('response.txt') },
    framework: {
      id,
      name,
      areas: areas.map((area) => ({ id: area.id, name: area.name })),
      kpis: kpis.map((kpi) => ({ id: kpi.id, name: kpi.name, area: kpi.area })),
      indicators: indicators.map((one) => ({ id: one.id, label: one.label, kpi: one.kpi })),
    },
  };
}

/** The bodies that register its commitments, without what they depend on. */
export const commitmentBodies = (responseId: string) =>
  (JSON.parse(read('commitments.json')) as SampleRow[]).map((row) => ({
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
    systems: row.systems,
    amounts: row.amounts,
  }));

/** Plain words of exactly so many bytes. */
export function narrative(bytes: number, seed = 0): string {
  const words = `Report ${seed}: the division trained staff in three regions, agreed the next steps with the units and published the plan. `;
  return words
    .repeat(Math.ceil(bytes / words.length))
    .slice(0, bytes - 1)
    .concat('.');
}
