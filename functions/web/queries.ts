import { STATUSES } from '../../shared/commitment/status.ts';

export const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const date = { type: 'string', format: 'date' } as const;
const time = { type: 'string', format: 'date-time' } as const;

const PAGE = { limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 }, cursor: text };

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
    commitment: text,
    actor: { ...text, description: 'The subject of a person, or the pseudonym in an entry.' },
    action: text,
    outcome: { enum: ['success', 'refused', 'failed'] },
    from: { anyOf: [time, date], description: 'Inclusive, of recordedAt; a day stands for its beginning.' },
    to: { anyOf: [time, date], description: 'Exclusive, of recordedAt; a day stands for its beginning.' },
    order: { enum: ['asc', 'desc'], default: 'desc' },
  },
  'GET /v1/audit/checkpoints': PAGE,
  'GET /v1/audit/exports': PAGE,
  'GET /v1/events': { limit: PAGE.limit, after: text, type: text, subject: text },
  'GET /v1/events.atom': { limit: PAGE.limit, type: text, subject: text },
  'GET /v1/subscriptions': PAGE,
  'GET /v1/subscriptions/{id}/deliveries': PAGE,
};
