import { parseAnythingBut } from './anything-but.ts';
import { addressDigits, isInRange, parseCidr } from './cidr.ts';
import {
  endsIgnoringCase,
  equalsIgnoringCase,
  type Spellings,
  spellings,
  startsIgnoringCase,
} from './ignore-case.ts';
import { parseNumeric } from './numeric.ts';
import { below, isObject, type Report, type ValueTest } from './value-test.ts';
import { matchesWildcard, parseWildcard } from './wildcard.ts';

/** `absent` is `{"exists": false}`: it asks about the field, not about a value. */
export type Entry = ValueTest | 'absent';

type Parse = (operand: unknown, pointer: string, report: Report, plain: boolean) => Entry | undefined;

const text =
  (operator: string, make: (operand: string) => ((value: string) => boolean) | string): Parse =>
  (operand, pointer, report) => {
    const test = typeof operand === 'string' ? make(operand) : 'must be a string';
    if (typeof test === 'string') return report(pointer, `The operand of "${operator}" ${test}.`);
    return (value) => typeof value === 'string' && test(value);
  };

const ignoreCase = (operator: string, test: (operand: Spellings, value: string) => boolean): Parse =>
  text(operator, (operand) => {
    const spelled = spellings(operand);
    return (value) => test(spelled, value);
  });

const affix = (operator: string, exact: Parse, ignoringCase: Parse): Parse => {
  return (operand, pointer, report, plain) => {
    if (!isObject(operand)) return exact(operand, pointer, report, plain);
    const [nested, ...more] = Object.keys(operand);
    if (nested !== 'equals-ignore-case' || more.length > 0) {
      return report(pointer, `"${operator}" takes a string, or {"equals-ignore-case": string}.`);
    }
    return ignoringCase(operand[nested], below(pointer, nested), report, plain);
  };
};

const parsers: { readonly [operator: string]: Parse } = {
  // The engine's spelled-out form of a literal string; unlike the literal it never reads an address.
  exactly: text('exactly', (operand) => (value) => value === operand),
  prefix: affix(
    'prefix',
    text('prefix', (operand) => (value) => value.startsWith(operand)),
    ignoreCase('equals-ignore-case', startsIgnoringCase),
  ),
  suffix: affix(
    'suffix',
    text('suffix', (operand) => (value) => value.endsWith(operand)),
    ignoreCase('equals-ignore-case', endsIgnoringCase),
  ),
  'equals-ignore-case': ignoreCase('equals-ignore-case', equalsIgnoringCase),
  wildcard: text('wildcard', (operand) => {
    const parts = parseWildcard(operand);
    return typeof parts === 'string' ? parts : (value) => matchesWildcard(parts, value);
  }),
  cidr: text('cidr', (operand) => {
    const range = parseCidr(operand);
    if (typeof range === 'string') return range;
    return (value) => {
      const digits = addressDigits(value);
      return digits !== undefined && isInRange(range, digits);
    };
  }),
  numeric: parseNumeric,
  'anything-but': parseAnythingBut,
  exists: (operand, pointer, report) => {
    if (typeof operand !== 'boolean') return report(pointer, '"exists" takes true or false.');
    return operand ? () => true : 'absent';
  },
};

/** One entry of a field's list: a literal, or an object with one operator. */
export function parseEntry(
  entry: unknown,
  pointer: string,
  report: Report,
  plain: boolean,
): Entry | undefined {
  if (isObject(entry)) {
    const [operator, ...more] = Object.keys(entry);
    const parse = operator !== undefined && Object.hasOwn(parsers, operator) ? parsers[operator] : undefined;
    if (operator === undefined || parse === undefined) {
      return report(pointer, `Use one of the operators ${Object.keys(parsers).join(', ')}.`);
    }
    if (more.length > 0) {
      return report(pointer, 'Write one operator per object; several objects in the list mean "or".');
    }
    return parse(entry[operator], below(pointer, operator), report, plain);
  }
  if (typeof entry === 'string') return literalText(entry);
  if (typeof entry === 'number' || typeof entry === 'boolean' || entry === null) {
    return (value) => value === entry;
  }
  return report(pointer, 'Write a string, a number, true, false, null, or an object with one operator.');
}

/** A literal that is an IP address matches every spelling of that address. */
function literalText(literal: string): ValueTest {
  const address = addressDigits(literal);
  if (address === undefined) return (value) => value === literal;
  const range = { bottom: address, top: address };
  return (value) => {
    if (typeof value !== 'string') return false;
    const digits = addressDigits(value);
    return digits !== undefined && isInRange(range, digits);
  };
}
