import { below, type Report, type ValueTest } from './value-test.ts';

/** Any 15 significant digits survive the way through a double; the 16th may be lost. */
const DIGITS_A_DOUBLE_KEEPS = 15;

/**
 * The engine compares doubles and refuses a number whose text says more than a double can hold
 * (9007199254740993). Here the text is parsed already, so a whole number beyond 2^53 - 1 counts as
 * such unless it has few enough digits (1e16) to be what was written.
 */
export function isComparable(value: unknown): value is number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  if (Number.isSafeInteger(value) || !Number.isInteger(value)) return true;
  const [mantissa = ''] = Math.abs(value).toExponential().split('e');
  return mantissa.replace('.', '').length <= DIGITS_A_DOUBLE_KEEPS;
}

export const NOT_COMPARABLE =
  'must be a number that a 64-bit float holds exactly (whole numbers up to 9007199254740991)';

const comparisons: { readonly [operator: string]: (value: number, bound: number) => boolean } = {
  '=': (value, bound) => value === bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
};
const lowerBounds = ['>', '>='];
const upperBounds = ['<', '<='];

const operatorOf = (value: unknown): string | undefined =>
  typeof value === 'string' && Object.hasOwn(comparisons, value) ? value : undefined;

/** `[operator, number]`, or a lower bound and then an upper one that is greater. */
export function parseNumeric(operand: unknown, pointer: string, report: Report): ValueTest | undefined {
  if (!Array.isArray(operand)) {
    return report(pointer, '"numeric" takes a list such as [">", 0, "<=", 5].');
  }
  const [first, bottom, second, top] = operand;
  const operator = operatorOf(first);
  if (operator === undefined) {
    return report(below(pointer, 0), 'Begin the list with one of "=", ">", ">=", "<", "<=".');
  }
  if (!isComparable(bottom)) {
    return report(below(pointer, 1), `The value after "${operator}" ${NOT_COMPARABLE}.`);
  }
  const compare = comparisons[operator];
  if (compare === undefined) return undefined;
  if (operand.length === 2) return (value) => isComparable(value) && compare(value, bottom);

  if (!lowerBounds.includes(operator)) {
    const detail = `Nothing may follow "${operator}" and its number; write a range as the lower bound (">" or ">=") and then the upper one.`;
    return report(below(pointer, 2), detail);
  }
  const upper = operatorOf(second);
  if (upper === undefined || !upperBounds.includes(upper)) {
    return report(below(pointer, 2), 'After the lower bound write "<" or "<=" and the upper bound.');
  }
  if (!isComparable(top)) {
    return report(below(pointer, 3), `The value after "${upper}" ${NOT_COMPARABLE}.`);
  }
  if (operand.length > 4) {
    return report(below(pointer, 4), 'End the list here: a range has one lower and one upper bound.');
  }
  if (bottom >= top) {
    return report(
      below(pointer, 3),
      'Make the upper bound greater than the lower one; for one value use "=".',
    );
  }
  const compareTop = comparisons[upper];
  if (compareTop === undefined) return undefined;
  return (value) => isComparable(value) && compare(value, bottom) && compareTop(value, top);
}
