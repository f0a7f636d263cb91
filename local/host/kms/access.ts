import { type Caller, rootArn } from '../grants/caller.ts';
import type { Need } from '../grants/needs.ts';
import { type Facts, readResourceStatement, statementsIn } from '../grants/resource-statement.ts';
import type { Resource } from '../template/assembly.ts';
import type { Cloud } from '../template/cloud.ts';

/** Whether a call on one key may be: undefined stands for the account's root user. */
export type KeyAccess = (need: Need, caller: Caller | undefined, facts: Facts) => boolean;

const keys = new Set(['kms:signingalgorithm', 'kms:messagetype', 'aws:principalarn']);

/**
 * Reads the policy of a key. It decides alone whom it names; what it lets the account do, the account's roles may do that
 * have a grant of their own. Source: "Determining access to AWS KMS keys" of the KMS guide.
 */
export function readKeyAccess(cloud: Cloud, resource: Resource): KeyAccess {
  const where = `${resource.stack}.${resource.logicalId}`;
  const statements = statementsIn(cloud.property(resource, 'KeyPolicy'))
    // What services of AWS may do with a key is theirs.
    .filter(
      ({ Principal: principal }) =>
        !(typeof principal === 'object' && principal !== null && 'Service' in principal),
    )
    .map((statement) => readResourceStatement(statement, keys, where));

  return (need, caller, facts) => {
    const fitting = statements.filter(({ covers, holds }) => covers(need) && holds(facts));
    const names = (effect: 'Allow' | 'Deny', ...who: string[]) =>
      fitting.some(
        (one) => one.effect === effect && one.principals.some((principal) => who.includes(principal)),
      );
    const own = caller?.roleArn ?? rootArn;
    if (names('Deny', '*', rootArn, own)) return false;
    if (names('Allow', '*', own)) return true;
    return names('Allow', rootArn) && caller?.allows(need.action, need.resource) === true;
  };
}
