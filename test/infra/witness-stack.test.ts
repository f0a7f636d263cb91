import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { grantedTo, names, roleOf } from '../kit/grants.ts';
import { all, cloud, functionOf, only, propertiesOf, signingKeyOf, tableOf } from '../kit/template.ts';

const WITNESS = 'FollowthroughWitness';
const NAME = 'witness-cosign';
const template = readFileSync(join(inject('assembly'), `${WITNESS}.template.json`), 'utf8');

describe('the witness stack', () => {
  it('needs nothing of the other stacks, so that another account can hold it', () => {
    expect(template).not.toContain('Fn::ImportValue');
    expect(template).not.toContain('Fn::GetStackOutput');
    for (const one of [tableOf('witness'), signingKeyOf('witness'), functionOf(NAME), roleOf(NAME)])
      expect(one.stack, one.label).toBe(WITNESS);
    expect(all('AWS::Lambda::Function').filter(({ stack }) => stack === WITNESS)).toHaveLength(1);
  });

  it('may read and put what it witnessed, and nothing of anybody else', () => {
    const elsewhere = all('AWS::DynamoDB::GlobalTable').filter(({ stack }) => stack !== WITNESS);
    const granted = grantedTo(NAME);
    for (const table of elsewhere)
      expect(granted.filter(({ resource }) => resource.startsWith(cloud.arnOf(table)))).toEqual([]);
    expect(granted.filter(({ action }) => action.startsWith('dynamodb:'))).toEqual(
      ['GetItem', 'PutItem'].map((action) => ({
        action: `dynamodb:${action}`,
        resource: cloud.arnOf(tableOf('witness')),
      })),
    );
    const others = names.filter((name) => name !== NAME);
    for (const name of others)
      for (const { resource } of grantedTo(name))
        expect([cloud.arnOf(tableOf('witness')), cloud.arnOf(signingKeyOf('witness'))], name).not.toContain(
          resource,
        );
  });
});

describe("the witness's address", () => {
  const url = only('AWS::Lambda::Url');

  it('is open to all, at a pace that it sets itself', () => {
    expect(propertiesOf(url)).toMatchObject({ AuthType: 'NONE' });
    expect(cloud.property(url, 'TargetFunctionArn')).toBe(cloud.arnOf(functionOf(NAME)));
    expect(cloud.property(functionOf(NAME), 'ReservedConcurrentExecutions')).toBe(5);
    const permissions = all('AWS::Lambda::Permission')
      .filter((one) => cloud.property(one, 'FunctionName') === cloud.arnOf(functionOf(NAME)))
      .map(propertiesOf);
    // Since October 2025 a caller without credentials needs both, the second only by way of the address.
    expect(permissions).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          Action: 'lambda:InvokeFunctionUrl',
          Principal: '*',
          FunctionUrlAuthType: 'NONE',
        }),
        expect.objectContaining({
          Action: 'lambda:InvokeFunction',
          Principal: '*',
          InvokedViaFunctionUrl: true,
        }),
      ]),
    );
    expect(permissions).toHaveLength(2);
  });

  it('is the only one of a function', () => {
    expect(all('AWS::Lambda::Url')).toHaveLength(1);
  });
});
