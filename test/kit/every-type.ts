import { EVENT_TYPES, type Happened } from '../../shared/commitment/event.ts';
import { OTHER, RESPONSE } from './given.ts';

const sha256 = 'a'.repeat(64);

/** One event of each type, every field set; each free text in them says so. */
export const everyType: Happened[] = [
  {
    type: EVENT_TYPES.registered,
    data: {
      responseId: RESPONSE,
      reference: 'IOM-MR-052',
      title: 'A title as free text',
      quote: 'A quote as free text',
      source: { start: 10, end: 30, sha256 },
      section: 'Resource mobilisation',
      type: 'action',
      indicators: ['4.1', '4.2'],
      kpis: ['4'],
      areas: ['Operational management'],
      unit: 'Department of Human Resources',
      kind: 'done',
      status: 'reported_complete',
      claimedOn: '2024-01-24',
      due: { date: '2024-03-31', precision: 'quarter', kind: 'complete', text: 'A date as free text' },
      recurrence: { text: 'A recurrence as free text', frequency: 'twice-yearly', from: '2024-01-01' },
      dependsOn: [OTHER],
      systems: ['ERP', 'PRIMA'],
      amounts: [
        {
          amount: 2_300_000_000,
          currency: 'USD',
          note: 'A note as free text',
          secured: 0,
          sharedKey: 'iosf',
        },
        { amount: 5, currency: 'CHF', note: null, secured: 0 },
        { amount: 7, currency: 'EUR', note: 'Another note as free text', secured: 0 },
      ],
      note: 'A remark as free text',
    },
  },
  {
    type: EVENT_TYPES.progressReported,
    data: {
      narrative: 'A narrative as free text: “été” 🎯\n',
      progress: 40,
      amountsSecured: [{ amount: 900_719_925_474_099, currency: 'USD' }],
      measurements: [
        { name: 'A name as free text', value: '12.50', unit: 'A unit as free text' },
        { name: 'Another name as free text', value: '-3' },
      ],
      occurrence: { n: 1, status: 'in_progress', due: '2024-07-01' },
    },
  },
  {
    type: EVENT_TYPES.evidenceAdded,
    data: {
      items: [
        { n: 1, title: 'A first title as free text', url: 'https://example.org/report?as free text', sha256 },
        { n: 2, title: 'A second title as free text', url: 'https://example.org/minutes?as free text' },
      ],
    },
  },
  {
    type: EVENT_TYPES.extensionRequested,
    data: { n: 1, due: '2024-12-31', precision: 'year', reason: 'A request as free text' },
  },
  {
    type: EVENT_TYPES.extensionDeclined,
    data: { n: 1, due: '2024-12-31', precision: 'year', reason: 'A refusal as free text' },
  },
  {
    type: EVENT_TYPES.extensionGranted,
    data: { n: 1, due: '2024-12-31', precision: 'year', reason: 'A consent as free text' },
  },
  {
    type: EVENT_TYPES.statusChanged,
    data: {
      from: 'reported_complete',
      to: 'closed_not_implemented',
      reason: 'A reason as free text',
      reasonCode: 'not_feasible',
      by: OTHER,
    },
  },
  {
    type: EVENT_TYPES.responseRegistered,
    data: {
      organisation: 'International Organization for Migration',
      title: 'Management response',
      assessment: 'MOPAN 2023',
      reference: 'EO/35/2024',
      date: '2024-01-24',
      source: { title: 'Letter', date: '2024-01-24', sha256, length: 30_000 },
      framework: {
        id: 'mopan',
        name: 'MOPAN 3.1',
        areas: [{ id: 'A', name: 'Strategic management' }],
        kpis: [{ id: '1', name: 'Vision', area: 'A' }],
        indicators: [{ id: '1.1', label: 'Long-term vision', kpi: '1' }],
      },
      reportingBodies: ['Standing Committee on Programmes and Finance'],
      stances: [{ indicator: '1.1', stance: 'unknown' }],
    },
  },
  { type: EVENT_TYPES.rollupRecalculated, data: { commitments: 85, events: 212, drift: 0 } },
];
