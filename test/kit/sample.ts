import type { Answered, Asked, Json } from './api.ts';

/** The functions called directly, or the running system. */
interface Api {
  call(route: string, asked?: Asked): Promise<Answered>;
}

/** A short source with three promises, for tests that don't need the real one. */
export const SOURCE =
  'We will train all staff in 2024. We will launch the ERP. We report each year to the Member States.';

export const FRAMEWORK = {
  id: 'test-1',
  name: 'Test framework',
  areas: [
    { id: 'strategic', name: 'Strategic management' },
    { id: 'operational', name: 'Operational management' },
  ],
  kpis: [
    { id: '1', name: 'Architecture', area: 'strategic' },
    { id: '3', name: 'Resources', area: 'operational' },
  ],
  indicators: [
    { id: '1.3', label: 'Financial Framework', kpi: '1' },
    { id: '3.3', label: 'Staffing', kpi: '3' },
    { id: '3.4', label: 'Corporate systems', kpi: '3' },
  ],
};

export const RESPONSE = {
  organisation: 'Test Organisation',
  title: 'Management response',
  assessment: 'Assessment 2023',
  date: '2024-01-24',
  source: { title: 'Letter', text: SOURCE },
  framework: FRAMEWORK,
};

export async function registerResponse(api: Api): Promise<string> {
  const { status, body } = await api.call('POST /v1/responses', { as: 'coordinator', body: RESPONSE });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body['response']?.['id'] as string;
}

/** Registers a commitment of the response; `fields` replace the defaults. */
export async function registerCommitment(api: Api, responseId: string, fields: object = {}): Promise<Json> {
  const quote = 'We will train all staff in 2024.';
  const { status, body } = await api.call('POST /v1/commitments', {
    as: 'coordinator',
    body: { responseId, title: 'Train all staff', quote, source: { start: 0, end: quote.length }, ...fields },
  });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body['commitment'] as Json;
}
