import { equalsIgnoringCase, spellings } from './ignore-case.ts';
import { isComparable, NOT_COMPARABLE } from './numeric.ts';
import { below, isObject, type Report, type Scalar, type ValueTest } from './value-test.ts';
import { matchesWildcard, parseWildcard } from './wildcard.ts';

/** Makes the test that is then negated, or the sentence that says why the text is refused. */
type Excluded = (text: string) => ((value: string) => boolean) | string;

const affix =
  (test: (value: string, text: string) => boolean): Excluded =>
  (text) =>
    text === '' ? 'must not be empty here' : (value) => test(value, text);

const excluded: { readonly [operator: string]: Excluded } = {
  prefix: affix((value, text) => value.startsWith(text)),
  suffix: affix((value, text) => value.endsWith(text)),
  'equals-ignore-case': (text) => {
    const operand = spellings(text);
    return (value) => equalsIgnoringCase(operand, value);
  },
  wildcard: (text) => {
    const parts = parseWildcard(text);
    return typeof parts === 'string' ? parts : (value) => matchesWildcard(parts, value);
  },
};

/**
 * `anything-but` with a string, a number, a list of one kind of them, or one nested operator with a
 * text or a list of texts. Scalars of another kind than the operand's are always "anything but".
 *
 * `plain` is the engine's older grammar, in force where `$or` is a field name: no nested wildcard, and
 * no list under a nested prefix or suffix.
 */
export function parseAnythingBut(
  operand: unknown,
  pointer: string,
  report: Report,
  plain: boolean,
): ValueTest | undefined {
  if (isObject(operand)) return parseNested(operand, pointer, report, plain);
  if (!Array.isArray(operand)) return parseValues([operand], () => pointer, pointer, report);
  return parseValues(operand, (i) => below(pointer, i), pointer, report);
}

function parseValues(
  values: readonly unknown[],
  place: (i: number) => string,
  pointer: string,
  report: Report,
): ValueTest | undefined {
  const bad = values.findIndex((value) => typeof value !== 'string' && typeof value !== 'number');
  if (bad !== -1) return report(place(bad), '"anything-but" takes strings or numbers, alone or in a list.');
  const inexact = values.findIndex((value) => typeof value === 'number' && !isComparable(value));
  if (inexact !== -1) return report(place(inexact), `A number under "anything-but" ${NOT_COMPARABLE}.`);
  if (new Set(values.map((value) => typeof value)).size !== 1) {
    return report(
      pointer,
      'The list of "anything-but" must hold at least one value, all strings or all numbers.',
    );
  }
  const refused = new Set(values);
  return (value: Scalar) => !refused.has(value);
}

function parseNested(
  operand: { readonly [key: string]: unknown },
  pointer: string,
  report: Report,
  plain: boolean,
): ValueTest | undefined {
  const [operator, ...more] = Object.keys(operand);
  const allowed = Object.keys(excluded).filter((name) => !plain || name !== 'wildcard');
  if (operator === undefined || more.length > 0 || !allowed.includes(operator)) {
    return report(
      pointer,
      `Nest exactly one of ${allowed.map((name) => `"${name}"`).join(', ')} under "anything-but".`,
    );
  }
  const at = below(pointer, operator);
  const texts = operand[operator];
  const single = plain && operator !== 'equals-ignore-case';
  if (Array.isArray(texts) && (single || texts.length === 0)) {
    return report(
      at,
      single ? `"${operator}" takes one string here.` : 'The list must hold at least one string.',
    );
  }
  const tests: ((value: string) => boolean)[] = [];
  const list: readonly unknown[] = Array.isArray(texts) ? texts : [texts];
  for (const [i, text] of list.entries()) {
    const place = Array.isArray(texts) ? below(at, i) : at;
    const test =
      typeof text === 'string' ? excluded[operator]?.(text) : 'must be a string, or a list of strings';
    if (typeof test === 'function') tests.push(test);
    else report(place, `The operand of "${operator}" ${test ?? 'is unknown'}.`);
  }
  if (tests.length < list.length) return undefined;
  return (value) => typeof value !== 'string' || !tests.some((test) => test(value));
}
