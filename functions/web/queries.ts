import { STATUSES } from '../../shared/commitment/status.ts';
import { OUTCOMES } from '../../shared/trail/entry.ts';
import { ORDERS } from '../../shared/trail/query.ts';
import { QUESTION_IDS, QUESTIONS } from '../../shared/trail/questions.ts';
import { MAX_SAMPLE } from '../../shared/trail/sample.ts';

export const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const date = { type: 'string', format: 'date' } as const;
const time = { type: 'string', format: 'date-time' } as const;

const PAGE = { limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 }, cursor: text };

const TRAIL = {
  commitment: text,
  from: { anyOf: [time, date], description: 'Inclusive, of recordedAt; a day stands for its beginning.' },
  to: { anyOf: [time, date], description: 'Exclusive, of recordedAt; a day stands for its beginning.' },
};

/** The query parameters of each route that takes any. */
export const QUERIES: Record<string, Record<string, object>> = {
  'GET /v1/responses': PAGE,
  'GET /v1/commitments': {
    ...PAGE,
    response: text,
    status: { type: 'array', items: { enum: STATUSES }, description: 'One or more, separated by commas.' },
    indicator: text,
    kpi: text,
    area: text,
    unit: text,
    system: text,
    dueBefore: date,
    dueAfter: date,
    overdue: flag,
    stale: flag,
    undated: flag,
    unowned: flag,
    blocked: flag,
    q: { ...text, description: 'Words of title, quote and latest narrative; all have to be there.' },
    sort: { enum: ['id', 'due', 'updated'], default: 'id' },
  },
  'GET /v1/commitments/{id}': { asAt: time },
  'GET /v1/commitments/{id}/history': PAGE,
  'GET /v1/rollups': {
    response: text,
    by: {
      enum: ['total', 'status', 'indicator', 'kpi', 'area', 'unit', 'system', 'dueYear'],
      default: 'total',
    },
    asAt: time,
  },
  'GET /v1/audit/entries': {
    ...PAGE,
    ...TRAIL,
    actor: { ...text, description: 'The subject of a person, or the pseudonym in an entry.' },
    action: text,
    outcome: { enum: OUTCOMES },
    question: {
      enum: QUESTION_IDS,
      description: QUESTION_IDS.map((id) => `${id}: ${QUESTIONS[id].label}`).join(' '),
    },
    late: {
      type: 'integer',
      minimum: 0,
      description: 'Milliseconds: recorded later than this after what it tells.',
    },
    order: { enum: ORDERS, default: 'desc', description: 'By the index in the log.' },
    checkpoint: {
      type: 'integer',
      minimum: 0,
      description:
        'The size of a published checkpoint: exactly what the log held then, and nothing that waited.',
    },
    count: { ...flag, description: 'Only how many there are in the log: `{count, checkpoint}`.' },
    sample: {
      type: 'integer',
      minimum: 1,
      maximum: MAX_SAMPLE,
      description:
        'So many of them by lot: those with the lowest SHA-256 of the seed (UTF-8) followed by the leaf hash (32 bytes). `population` says of how many.',
    },
    seed: { ...text, description: 'Goes with `sample`: who tests gives it.' },
  },
  'GET /v1/audit/duties': TRAIL,
  'GET /v1/audit/custody': {
    commitment: text,
    evidence: { ...text, pattern: '^[0-9a-f]{64}$', description: 'The SHA-256 of a piece of evidence.' },
  },
  'GET /v1/audit/rows': PAGE,
  'GET /v1/audit/checkpoints': PAGE,
  'GET /v1/audit/exports': PAGE,
  'GET /v1/erasures': PAGE,
  'GET /v1/events': { limit: PAGE.limit, after: text, type: text, subject: text },
  'GET /v1/events.atom': { limit: PAGE.limit, type: text, subject: text },
  'GET /v1/subscriptions': PAGE,
  'GET /v1/subscriptions/{id}/deliveries': PAGE,
};
