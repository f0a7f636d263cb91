import type { Json, JsonValue } from '../services.ts';
import { TemplateError } from '../template/intrinsics.ts';
import type { Need } from './needs.ts';
import { makePolicy } from './policy.ts';

/** What is known of one call, by condition key in lower case; a key that the call does not have is missing. */
export type Facts = Record<string, string | undefined>;

/** A statement of a resource's policy about roles of the account. */
export interface ResourceStatement {
  effect: 'Allow' | 'Deny';
  /** `*`, or ARNs. */
  principals: string[];
  covers(need: Need): boolean;
  holds(facts: Facts): boolean;
}

/** Throws `TemplateError` on a condition whose operator or key (`keys`, in lower case) the host cannot check. */
export function readResourceStatement(
  statement: Json,
  keys: ReadonlySet<string>,
  where: string,
): ResourceStatement {
  const exceptActions = 'NotAction' in statement;
  const exceptResources = 'NotResource' in statement;
  const policy = makePolicy([
    {
      effect: 'Allow',
      actions: list(statement[exceptActions ? 'NotAction' : 'Action']).map(String),
      exceptActions,
      resources: list(statement[exceptResources ? 'NotResource' : 'Resource']).map(String),
      exceptResources,
    },
  ]);
  if ('NotPrincipal' in statement) throw new TemplateError(where, 'the host does not know NotPrincipal');
  const conditions = Object.entries((statement['Condition'] ?? {}) as Json).flatMap(([operator, tests]) =>
    Object.entries(tests as Json).map(([key, values]) => {
      const condition = keys.has(key.toLowerCase()) && readCondition(operator, key, values);
      if (condition) return condition;
      throw new TemplateError(where, `the host cannot check the policy condition ${operator} ${key}`);
    }),
  );
  return {
    effect: statement['Effect'] === 'Deny' ? 'Deny' : 'Allow',
    principals: list(principalsOf(statement['Principal'])).map(String),
    covers: ({ action, resource }) => policy.allows(action, resource),
    holds: (facts) => conditions.every((condition) => condition(facts)),
  };
}

/** The statements of a policy document, as written. */
export const statementsIn = (document: JsonValue): Json[] =>
  list((document as Json | undefined)?.['Statement']) as Json[];

function principalsOf(principal: JsonValue): JsonValue {
  return typeof principal === 'object' && principal !== null && !Array.isArray(principal)
    ? principal['AWS']
    : principal;
}

type Test = (actual: string, wanted: string) => boolean;

const like: Test = (actual, wanted) => {
  const everything = { effect: 'Allow' as const, exceptActions: false, exceptResources: false };
  return makePolicy([{ ...everything, actions: ['*'], resources: [wanted] }]).allows('any', actual);
};
const equal: Test = (actual, wanted) => actual === wanted;

/** Source: "IAM JSON policy elements: Condition operators" of the IAM guide. */
const operators: Record<string, Test> = {
  ArnEquals: like,
  ArnLike: like,
  Bool: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase(),
  NumericEquals: (actual, wanted) => Number(actual) === Number(wanted),
  NumericGreaterThan: (actual, wanted) => Number(actual) > Number(wanted),
  NumericGreaterThanEquals: (actual, wanted) => Number(actual) >= Number(wanted),
  NumericLessThan: (actual, wanted) => Number(actual) < Number(wanted),
  NumericLessThanEquals: (actual, wanted) => Number(actual) <= Number(wanted),
  StringEquals: equal,
  StringLike: like,
};

function readCondition(operator: string, key: string, values: JsonValue) {
  const name = key.toLowerCase();
  const wanted = list(values).map(String);
  if (operator === 'Null') return (facts: Facts) => wanted.includes(String(facts[name] === undefined));
  const plain = operator.replace(/IfExists$/, '');
  const negated = /^(String|Arn|Numeric)Not/.test(plain);
  const test = operators[plain.replace('Not', '')];
  if (!test) return undefined;
  // A missing key meets a negated operator, and one with IfExists.
  const whenMissing = negated || plain !== operator;
  return (facts: Facts) => {
    const actual = facts[name];
    if (actual === undefined) return whenMissing;
    return wanted.some((value) => test(actual, value)) !== negated;
  };
}

function list(value: JsonValue): JsonValue[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
