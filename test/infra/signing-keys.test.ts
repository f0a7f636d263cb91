import { describe, expect, it } from 'vitest';
import { FUNCTIONS, type FunctionName, type FunctionWiring, type KeyName } from '../../functions/wiring.ts';
import type { Json } from '../../local/host/services.ts';
import { grantedTo, names, roleOf } from '../kit/grants.ts';
import { at, cloud, objects, propertiesOf, signingKeyOf, texts } from '../kit/template.ts';

const SIGNERS: Record<KeyName, FunctionName[]> = {
  log: ['audit-sequence'],
  witness: ['witness-cosign'],
};
const KEYS = Object.keys(SIGNERS) as KeyName[];

/** Who may do an action with the key by its own policy, under which condition. */
function letIn(key: KeyName, action: string): { principal: string; condition: unknown }[] {
  const policy = cloud.property(signingKeyOf(key), 'KeyPolicy');
  return objects(at(policy, 'Statement'))
    .filter(({ Effect }) => Effect === 'Allow')
    .filter(({ Action }) => texts(Action).some((pattern) => isLike(action, pattern)))
    .flatMap(({ Principal, Condition }) =>
      texts((Principal as Json)['AWS']).map((principal) => ({ principal, condition: Condition })),
    );
}

const isLike = (action: string, pattern: string): boolean =>
  new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(action);

describe.each(KEYS)('the key of the %s', (key) => {
  it('is an Ed25519 key that only signs, kept when its stack goes, and not soon deleted', () => {
    expect(propertiesOf(signingKeyOf(key))).toMatchObject({
      KeySpec: 'ECC_NIST_EDWARDS25519',
      KeyUsage: 'SIGN_VERIFY',
      PendingWindowInDays: 30,
    });
  });

  it('lets its signer sign, only as logs do, and no administrator of the account', () => {
    expect(letIn(key, 'kms:Sign')).toEqual(
      SIGNERS[key].map((name) => ({
        principal: cloud.arnOf(roleOf(name)),
        condition: {
          StringEquals: { 'kms:SigningAlgorithm': 'ED25519_SHA_512', 'kms:MessageType': 'RAW' },
        },
      })),
    );
    // A grant of the key would let others in past its policy.
    for (const action of ['kms:CreateGrant', 'kms:ReplicateKey']) expect(letIn(key, action)).toEqual([]);
  });

  it('can be looked after: otherwise it could never be changed again', () => {
    for (const action of ['kms:PutKeyPolicy', 'kms:DescribeKey', 'kms:GetKeyPolicy'])
      expect(letIn(key, action).map(({ principal }) => principal)).toEqual([
        expect.stringMatching(/^arn:aws:iam::\d+:root$/),
      ]);
  });

  it('tells its public half to its signer, and to those who are granted it', () => {
    expect(letIn(key, 'kms:GetPublicKey')).toHaveLength(1 + SIGNERS[key].length);
    const asking = names.filter((name) =>
      grantedTo(name).some(
        ({ action, resource }) => action.startsWith('kms:') && resource === cloud.arnOf(signingKeyOf(key)),
      ),
    );
    expect(asking).toEqual(names.filter((name) => (FUNCTIONS[name] as FunctionWiring).knows === key));
  });
});

it('is wired to those signers alone', () => {
  for (const name of names) {
    const { signs } = FUNCTIONS[name] as FunctionWiring;
    expect(signs !== undefined && SIGNERS[signs].includes(name), name).toBe(signs !== undefined);
  }
});
