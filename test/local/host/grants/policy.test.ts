import { describe, expect, it } from 'vitest';
import { makePolicy, type Statement } from '../../../../local/host/grants/policy.ts';

const table = 'arn:aws:dynamodb:eu-west-1:000000000000:table/a.b';
const statement = (more: Partial<Statement>): Statement => ({
  effect: 'Allow',
  actions: [],
  exceptActions: false,
  resources: [],
  exceptResources: false,
  ...more,
});

describe('a policy', () => {
  const policy = makePolicy([
    statement({ actions: ['dynamodb:Get*', 'DYNAMODB:query'], resources: [table, `${table}/index/*`] }),
    statement({ actions: ['s3:*'], resources: ['arn:aws:s3:::b?/*'] }),
    statement({ effect: 'Deny', actions: ['s3:DeleteObject'], resources: ['*'] }),
    statement({ actions: ['sqs:DeleteQueue'], exceptActions: true, resources: ['arn:aws:sqs:*:*:q'] }),
    statement({ actions: ['events:PutEvents'], resources: ['arn:x'], exceptResources: true }),
  ]);

  it.each([
    ['dynamodb:GetItem', table, true],
    ['dynamodb:Query', `${table}/index/i`, true],
    ['dynamodb:PutItem', table, false],
    // A dot in a name is a dot, and a table's grant does not reach a longer name.
    ['dynamodb:GetItem', table.replace('a.b', 'axb'), false],
    ['dynamodb:GetItem', `${table}c`, false],
    ['s3:PutObject', 'arn:aws:s3:::b1/x/y', true],
    ['s3:PutObject', 'arn:aws:s3:::b12/x', false],
    ['s3:DeleteObject', 'arn:aws:s3:::b1/x', false],
    ['sqs:SendMessage', 'arn:aws:sqs:eu-west-1:1:q', true],
    ['sqs:DeleteQueue', 'arn:aws:sqs:eu-west-1:1:q', false],
    ['events:PutEvents', 'arn:y', true],
    ['events:PutEvents', 'arn:x', false],
  ])('%s on %s: %s', (action, resource, allowed) => {
    expect(policy.allows(action, resource)).toBe(allowed);
    expect(policy.allows(action, resource), 'remembered').toBe(allowed);
  });

  it('of no statement allows nothing', () => {
    expect(makePolicy([]).allows('dynamodb:GetItem', table)).toBe(false);
  });
});
