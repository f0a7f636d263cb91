import * as z from 'zod/mini';
import { DUE_KINDS, isDate, PRECISIONS } from './dates.ts';
import { KINDS, REASON_CODES } from './status.ts';

/** Bodies of the commands. Unknown fields are refused; texts are trimmed, well-formed Unicode and bounded. */

const without = (wrong: (text: string) => boolean, message: string) =>
  z.check<string>(({ value, issues }) => {
    if (wrong(value)) issues.push({ code: 'custom', message, input: value });
  });
const wellFormed = without((value) => !value.isWellFormed(), 'holds half of a surrogate pair');
// XML, so a feed or a spreadsheet, can't carry them; in JSON each takes six bytes.
const printable = without((value) => /[^\P{Cc}\t\n\r\x7f-\x9f]/u.test(value), 'holds a control character');
const text = (max: number) =>
  z.string().check(z.trim(), z.minLength(1), z.maxLength(max), wellFormed, printable);
const line = text(300);
const id = z
  .string()
  .check(z.regex(/^[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}$/, 'is not an identifier of this system'));
const date = z.string().check(z.refine(isDate, 'is not a day of the calendar in the form YYYY-MM-DD'));
const sha256 = z
  .string()
  .check(z.regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in 64 lower-case hexadecimal digits'));
const currency = z.string().check(z.regex(/^[A-Z]{3}$/, 'is not an ISO 4217 code of three capital letters'));
const minorUnits = z.int().check(z.minimum(0));
const list = <T extends z.ZodMiniType>(item: T, max: number) => z.array(item).check(z.maxLength(max));
const webAddress = z
  .string()
  .check(
    z.trim(),
    z.maxLength(2000),
    wellFormed,
    printable,
    z.refine(isWebAddress, 'is not an http or https address'),
  );

function isWebAddress(value: string): boolean {
  const url = URL.parse(value);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:');
}

const reason = z.optional(z.string().check(z.trim(), z.maxLength(4000), wellFormed, printable));
const precision = z._default(z.enum(PRECISIONS), 'day');

const evidenceInput = z.strictObject({
  title: line,
  url: webAddress,
  sha256: z.optional(sha256),
});

const decimal = z
  .string()
  .check(z.trim(), z.regex(/^-?\d{1,18}(\.\d{1,18})?$/, 'is not a decimal number like 12.5'));

const measurement = z.strictObject({
  name: line,
  /** A decimal, kept as text so that no digit is lost; a JSON number is written down as such. */
  value: z.pipe(z.union([z.string(), z.pipe(z.number(), z.transform(String))]), decimal),
  unit: z.optional(text(60)),
});

const due = z.strictObject({
  date: z._default(z.nullable(date), null),
  precision: z._default(z.nullable(z.enum(PRECISIONS)), null),
  kind: z._default(z.enum(DUE_KINDS), 'complete'),
  text: z._default(z.nullable(line), null),
});

export const FREQUENCIES = {
  monthly: 1,
  quarterly: 3,
  'twice-yearly': 6,
  yearly: 12,
  'every-two-years': 24,
} as const;
export type Frequency = keyof typeof FREQUENCIES;

const recurrence = z.strictObject({
  text: z._default(z.nullable(line), null),
  frequency: z._default(z.nullable(z.enum(Object.keys(FREQUENCIES) as [Frequency, ...Frequency[]])), null),
  /** The first occurrence is due one period after this day. */
  from: z._default(z.nullable(date), null),
});

/** An item of DynamoDB has at most 400 KB, and the rest of the response needs room in it too. */
const MAX_FRAMEWORK = 250_000;
const fits = (value: unknown): boolean =>
  new TextEncoder().encode(JSON.stringify(value)).length <= MAX_FRAMEWORK;

const framework = z
  .strictObject({
    id: text(60),
    name: line,
    areas: list(z.strictObject({ id: text(60), name: line }), 50),
    kpis: list(z.strictObject({ id: text(60), name: text(500), area: text(60) }), 200),
    indicators: list(z.strictObject({ id: text(60), label: line, kpi: text(60) }), 500),
  })
  .check(z.refine(fits, `takes more than ${MAX_FRAMEWORK} bytes as JSON`));

const STANCES = ['accepted', 'partially_accepted', 'not_accepted', 'unknown'] as const;
export type Stance = (typeof STANCES)[number];

export const registerResponse = z.strictObject({
  organisation: line,
  title: line,
  assessment: line,
  reference: z.optional(text(100)),
  date,
  source: z.strictObject({
    title: line,
    date: z.optional(date),
    /** Offsets of citations are UTF-16 units of this very text, so it is never trimmed. */
    text: z.string().check(z.minLength(1), z.maxLength(240_000), wellFormed),
    sha256: z.optional(sha256),
  }),
  framework: z._default(framework, { id: 'none', name: 'No framework', areas: [], kpis: [], indicators: [] }),
  reportingBodies: z._default(list(line, 50), []),
  stances: z._default(list(z.strictObject({ indicator: text(60), stance: z.enum(STANCES) }), 500), []),
});

const COMMITMENT_TYPES = ['action', 'outcome', 'reporting', 'umbrella'] as const;

const offset = z.int().check(z.minimum(0));

export const registerCommitment = z.strictObject({
  responseId: id,
  reference: z.optional(text(100)),
  title: line,
  quote: z.string().check(z.minLength(1), z.maxLength(4000), wellFormed),
  /** Where the quote stands; without it the quote must occur exactly once. `start` and `end` may stand at the top too. */
  source: z.optional(z.strictObject({ start: offset, end: offset, sha256: z.optional(sha256) })),
  start: z.optional(offset),
  end: z.optional(offset),
  section: z.optional(line),
  kind: z._default(z.enum(KINDS), 'planned'),
  draft: z._default(z.boolean(), false),
  type: z._default(z.enum(COMMITMENT_TYPES), 'action'),
  indicators: z._default(list(text(60), 50), []),
  unit: z._default(z.nullable(line), null),
  due: z._default(z.nullable(due), null),
  recurrence: z._default(z.nullable(recurrence), null),
  dependsOn: z._default(list(id, 20), []),
  systems: z._default(list(text(120), 20), []),
  amounts: z._default(
    list(
      z.strictObject({
        amount: minorUnits,
        currency,
        note: z._default(z.nullable(line), null),
        sharedKey: z.optional(text(100)),
      }),
      20,
    ),
    [],
  ),
  note: z.optional(text(2000)),
});

export const reportProgress = z.strictObject({
  narrative: text(10_000),
  status: z.optional(z.enum(['in_progress', 'reported_complete'])),
  progress: z.optional(z.int().check(z.minimum(0), z.maximum(100))),
  evidence: z._default(list(evidenceInput, 20), []),
  amountsSecured: z._default(list(z.strictObject({ amount: minorUnits, currency }), 20), []),
  measurements: z._default(list(measurement, 20), []),
});

export const verify = z.strictObject({ decision: z.enum(['verified', 'returned']), reason });
export const requestExtension = z.strictObject({ due: date, precision, reason });
export const decideExtension = z.strictObject({ decision: z.enum(['granted', 'declined']), reason });
export const close = z.strictObject({ reasonCode: z.enum(REASON_CODES), reason });
export const supersede = z.strictObject({ by: id, reason });
export const reopen = z.strictObject({ reason });
export const publish = z.strictObject({});

export type RegisterResponse = z.output<typeof registerResponse>;
export type RegisterCommitment = z.output<typeof registerCommitment>;
export type Framework = z.output<typeof framework>;
