import { type Due, lastDay } from './dates.ts';
import type { Decision } from './decision.ts';
import { EVENT_TYPES, type Registered, type ResponseRegistered } from './event.ts';
import { type FieldError, type Rejection, reject } from './rejection.ts';
import type { RegisterCommitment, RegisterResponse } from './schema.ts';
import { FIRST_STATUS } from './status.ts';

/** What a registration has to agree with: the response, its text, and the commitments it depends on. */
export interface RegistrationContext {
  response: ResponseRegistered;
  text: string;
  /** Ids of `dependsOn` that exist. */
  known: ReadonlySet<string>;
}

/** Registers one promise; the words it cites must stand in the source, where it says they stand. */
export function decideRegistration(
  body: RegisterCommitment,
  { response, text, known }: RegistrationContext,
): Decision | Rejection {
  const citation = locate(body, text);
  const errors = [
    ...(Array.isArray(citation) ? citation : []),
    ...wrongSource(body, response),
    ...unknownIndicators(body, response),
    ...unknownDependencies(body, known),
    ...contradictoryDue(body),
  ];
  if (Array.isArray(citation) || errors.length > 0)
    return reject('invalid-body', 'The commitment does not agree with its response.', errors);
  const indicators = [...new Set(body.indicators)];
  const kpis = unique(indicators.map((id) => response.framework.indicators.find((i) => i.id === id)?.kpi));
  const areas = unique(kpis.map((id) => response.framework.kpis.find((kpi) => kpi.id === id)?.area));
  const status = body.draft ? 'draft' : FIRST_STATUS[body.kind];
  const data: Registered = {
    responseId: body.responseId,
    reference: body.reference ?? null,
    title: body.title,
    quote: body.quote,
    source: { ...citation, sha256: response.source.sha256 },
    section: body.section ?? null,
    type: body.type,
    indicators,
    kpis,
    areas,
    unit: body.unit,
    kind: body.kind,
    status,
    claimedOn: status === 'reported_complete' ? response.date : null,
    due: normalise(body),
    recurrence: body.recurrence,
    dependsOn: [...new Set(body.dependsOn)],
    systems: [...new Set(body.systems)],
    amounts: body.amounts.map((amount) => {
      const { sharedKey, ...rest } = amount;
      return { ...rest, secured: 0, ...(sharedKey && { sharedKey }) };
    }),
    note: body.note ?? null,
  };
  return { action: 'register-commitment', events: [{ type: EVENT_TYPES.registered, data }] };
}

/** Registers a response. `sha256` is of the UTF-8 bytes of the source text; stances start unknown. */
export function decideResponse(body: RegisterResponse, sha256: string): Decision | Rejection {
  const { framework, source } = body;
  const errors: FieldError[] = [];
  if (source.sha256 && source.sha256 !== sha256)
    errors.push({
      pointer: '/source/sha256',
      code: 'hash-mismatch',
      detail: `is not the SHA-256 of the text, which is ${sha256}`,
    });
  framework.kpis.forEach((kpi, index) => {
    if (!framework.areas.some(({ id }) => id === kpi.area))
      errors.push({
        pointer: `/framework/kpis/${index}/area`,
        code: 'unknown-area',
        detail: 'is not an area of the framework',
      });
  });
  framework.indicators.forEach((indicator, index) => {
    if (!framework.kpis.some(({ id }) => id === indicator.kpi))
      errors.push({
        pointer: `/framework/indicators/${index}/kpi`,
        code: 'unknown-kpi',
        detail: 'is not a KPI of the framework',
      });
  });
  body.stances.forEach(({ indicator }, index) => {
    if (!framework.indicators.some(({ id }) => id === indicator))
      errors.push({
        pointer: `/stances/${index}/indicator`,
        code: 'unknown-indicator',
        detail: 'is not an indicator of the framework',
      });
  });
  if (errors.length > 0) return reject('invalid-body', 'The response does not agree with itself.', errors);
  const data: ResponseRegistered = {
    organisation: body.organisation,
    title: body.title,
    assessment: body.assessment,
    reference: body.reference ?? null,
    date: body.date,
    source: { title: source.title, date: source.date ?? null, sha256, length: source.text.length },
    framework,
    reportingBodies: body.reportingBodies,
    stances: framework.indicators.map(({ id }) => ({
      indicator: id,
      stance: body.stances.find(({ indicator }) => indicator === id)?.stance ?? 'unknown',
    })),
  };
  return { action: 'register-response', events: [{ type: EVENT_TYPES.responseRegistered, data }] };
}

function locate(body: RegisterCommitment, text: string): { start: number; end: number } | FieldError[] {
  const start = body.source?.start ?? body.start;
  const end = body.source?.end ?? body.end;
  if (start !== undefined && end !== undefined)
    // `slice` forgives an end beyond the text; a citation doesn't.
    return text.slice(start, end) === body.quote && end - start === body.quote.length
      ? { start, end }
      : mismatch('is not what stands there in the source');
  if (start !== undefined || end !== undefined)
    return mismatch('needs both its start and its end in the source');
  const first = text.indexOf(body.quote);
  if (first < 0) return mismatch('does not occur in the source');
  if (text.indexOf(body.quote, first + 1) >= 0)
    return mismatch('occurs more than once: say its start and end');
  return { start: first, end: first + body.quote.length };
}

const mismatch = (detail: string): FieldError[] => [{ pointer: '/quote', code: 'citation-mismatch', detail }];

const wrongSource = ({ source }: RegisterCommitment, response: ResponseRegistered): FieldError[] =>
  source?.sha256 && source.sha256 !== response.source.sha256
    ? [
        {
          pointer: '/source/sha256',
          code: 'hash-mismatch',
          detail: "is not the SHA-256 of the response's source",
        },
      ]
    : [];

const unknownIndicators = (
  { indicators }: RegisterCommitment,
  { framework }: ResponseRegistered,
): FieldError[] =>
  indicators.flatMap((id, index) =>
    framework.indicators.some((indicator) => indicator.id === id)
      ? []
      : [
          {
            pointer: `/indicators/${index}`,
            code: 'unknown-indicator',
            detail: `is not an indicator of ${framework.name}`,
          },
        ],
  );

const unknownDependencies = ({ dependsOn }: RegisterCommitment, known: ReadonlySet<string>): FieldError[] =>
  dependsOn.flatMap((id, index) =>
    known.has(id)
      ? []
      : [{ pointer: `/dependsOn/${index}`, code: 'unknown-commitment', detail: 'names no commitment' }],
  );

const contradictoryDue = ({ due }: RegisterCommitment): FieldError[] =>
  due && due.kind !== 'recurring' && due.kind !== 'none' && due.date === null
    ? [
        {
          pointer: '/due/date',
          code: 'date-required',
          detail: `is needed for a due date of kind ${due.kind}`,
        },
      ]
    : [];

/** A date stands for the last day of its period; without a precision it is a day. */
function normalise({ due, recurrence }: RegisterCommitment): Due | null {
  // What recurs is not undated, whichever of the two fields says that it does.
  if (!due?.date && recurrence)
    return { date: null, precision: null, kind: 'recurring', text: due?.text ?? null };
  if (!due?.date) return due;
  const precision = due.precision ?? 'day';
  return { ...due, precision, date: lastDay(due.date, precision) };
}

const unique = (ids: (string | undefined)[]): string[] => [...new Set(ids.filter((id) => id !== undefined))];
