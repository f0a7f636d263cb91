import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AccountRootPrincipal, ArnPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/** What administrators of the account may do with the key, as far as IAM lets them: everything but sign. */
const ADMINISTRATION = [
  'kms:CancelKeyDeletion',
  'kms:Describe*',
  'kms:DisableKey',
  'kms:EnableKey',
  'kms:Get*',
  'kms:List*',
  'kms:PutKeyPolicy',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateKeyDescription',
];

/**
 * An Ed25519 key that never leaves KMS. Its policy lets nobody sign whom it does not name, whatever IAM says; who would sign with it
 * has to change the policy first, which CloudTrail records.
 */
export const makeSigningKey = (scope: Construct, id: string, description: string): Key =>
  new Key(scope, id, {
    description,
    keySpec: KeySpec.ECC_NIST_EDWARDS25519,
    keyUsage: KeyUsage.SIGN_VERIFY,
    policy: new PolicyDocument({
      statements: [
        new PolicyStatement({
          principals: [new AccountRootPrincipal()],
          actions: ADMINISTRATION,
          resources: ['*'],
        }),
      ],
    }),
    removalPolicy: RemovalPolicy.RETAIN,
    pendingWindow: Duration.days(30),
  });

/** Named by the key's policy, a role of the same account needs no grant of its own. */
export function letSign(key: Key, roleArn: string): void {
  const statement = (actions: string[], conditions: Record<string, Record<string, string>>) =>
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ArnPrincipal(roleArn)],
        actions,
        resources: ['*'],
        conditions,
      }),
    );
  statement(['kms:GetPublicKey'], {});
  statement(['kms:Sign'], {
    StringEquals: { 'kms:SigningAlgorithm': 'ED25519_SHA_512', 'kms:MessageType': 'RAW' },
  });
}
