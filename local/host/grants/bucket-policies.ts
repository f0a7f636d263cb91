import type { Json, JsonValue } from '../services.ts';
import type { Cloud } from '../template/cloud.ts';
import { TemplateError } from '../template/intrinsics.ts';
import type { Need } from './needs.ts';
import { makePolicy } from './policy.ts';

/** What is known of one call, by condition key in lower case; a key that the call does not have is missing. */
export type Facts = Record<string, string | undefined>;

export interface BucketPolicies {
  /** Whether some bucket policy denies the call; `caller` is the ARN of the role behind it. */
  denies(need: Need, caller: string | undefined, facts: Facts): boolean;
}

/**
 * Reads the statements of every bucket policy that deny: in one account, roles alone allow. Throws `TemplateError` on a
 * condition that the host cannot check.
 */
export function readBucketPolicies(cloud: Cloud): BucketPolicies {
  const denials = cloud.resources('AWS::S3::BucketPolicy').flatMap((resource) => {
    const document = cloud.property(resource, 'PolicyDocument') as Json;
    const where = `${resource.stack}.${resource.logicalId}`;
    return (list(document['Statement']) as Json[])
      .filter((statement) => statement['Effect'] === 'Deny')
      .map((statement) => compile(statement, where));
  });
  return {
    denies: (need, caller, facts) => denials.some((denial) => denial(need, caller, facts)),
  };
}

type Denial = (need: Need, caller: string | undefined, facts: Facts) => boolean;

function compile(statement: Json, where: string): Denial {
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
  const principals = list(principalsOf(statement['Principal'])).map(String);
  const conditions = Object.entries((statement['Condition'] ?? {}) as Json).flatMap(([operator, tests]) =>
    Object.entries(tests as Json).map(([key, values]) => readCondition(operator, key, values, where)),
  );
  return (need, caller, facts) =>
    policy.allows(need.action, need.resource) &&
    principals.some((principal) => principal === '*' || principal === caller) &&
    conditions.every((holds) => holds(facts));
}

function principalsOf(principal: JsonValue): JsonValue {
  return typeof principal === 'object' && principal !== null && !Array.isArray(principal)
    ? principal['AWS']
    : principal;
}

const keys = new Set([
  ...['aws:securetransport', 's3:tlsversion', 'aws:principalarn'],
  ...['s3:if-none-match', 's3:if-match', 's3:objectcreationoperation'],
  ...['s3:object-lock-mode', 's3:object-lock-retain-until-date', 's3:object-lock-remaining-retention-days'],
]);

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

function readCondition(operator: string, key: string, values: JsonValue, where: string) {
  const name = key.toLowerCase();
  const wanted = list(values).map(String);
  const unknown = () =>
    new TemplateError(where, `the host cannot check the policy condition ${operator} ${key}`);
  if (!keys.has(name)) throw unknown();
  if (operator === 'Null') return (facts: Facts) => wanted.includes(String(facts[name] === undefined));
  const plain = operator.replace(/IfExists$/, '');
  const negated = /^(String|Arn|Numeric)Not/.test(plain);
  const test = operators[plain.replace('Not', '')];
  if (!test) throw unknown();
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
