import type { Cloud } from '../template/cloud.ts';
import { rootArn } from './caller.ts';
import type { Need } from './needs.ts';
import { type Facts, readResourceStatement, statementsIn } from './resource-statement.ts';

export interface BucketPolicies {
  /** Whether some bucket policy denies the call; `caller` is the ARN of the role behind it. */
  denies(need: Need, caller: string, facts: Facts): boolean;
}

const keys = new Set([
  ...['aws:securetransport', 's3:tlsversion', 'aws:principalarn'],
  ...['s3:if-none-match', 's3:if-match', 's3:objectcreationoperation'],
  ...['s3:object-lock-mode', 's3:object-lock-retain-until-date', 's3:object-lock-remaining-retention-days'],
]);

/**
 * Reads the statements of every bucket policy that deny: in one account, roles alone allow. Throws `TemplateError` on a
 * condition that the host cannot check.
 */
export function readBucketPolicies(cloud: Cloud): BucketPolicies {
  const denials = cloud.resources('AWS::S3::BucketPolicy').flatMap((resource) =>
    statementsIn(cloud.property(resource, 'PolicyDocument'))
      .filter((statement) => statement['Effect'] === 'Deny')
      .map((statement) => readResourceStatement(statement, keys, `${resource.stack}.${resource.logicalId}`)),
  );
  return {
    denies: (need, caller, facts) =>
      denials.some(
        ({ principals, covers, holds }) =>
          principals.some((principal) => ['*', rootArn, caller].includes(principal)) &&
          covers(need) &&
          holds(facts),
      ),
  };
}
