import { describe, expect, it } from 'vitest';
import { ROLES } from '../../shared/lambda/person.ts';
import { all, cloud, objects, only, propertiesOf } from '../kit/template.ts';

describe('who signs in', () => {
  const pool = propertiesOf(only('AWS::Cognito::UserPool'));
  const client = propertiesOf(only('AWS::Cognito::UserPoolClient'));

  it('has the roles that the door knows', () => {
    const groups = all('AWS::Cognito::UserPoolGroup').map((group) =>
      String(cloud.property(group, 'GroupName')),
    );
    expect(groups.toSorted()).toEqual([...ROLES].toSorted());
  });

  it('was let in by an administrator, with a second factor', () => {
    expect(pool).toMatchObject({
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      MfaConfiguration: 'ON',
      EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
      UserPoolAddOns: { AdvancedSecurityMode: 'ENFORCED' },
      DeletionProtection: 'ACTIVE',
    });
  });

  it('has units in the token, and cannot change them', () => {
    expect(objects(pool['Schema']).map(({ Name }) => Name)).toContain('units');
    expect(client['ReadAttributes']).toContain('custom:units');
    expect(client['WriteAttributes']).toEqual(expect.not.arrayContaining(['custom:units']));
    // Cognito takes an absent list for "all of them".
    expect(client['WriteAttributes']).toBeDefined();
  });

  it('gets tokens by proving the password, never by sending it', () => {
    expect(client['ExplicitAuthFlows']).toEqual(['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH']);
    expect(client['PreventUserExistenceErrors']).toBe('ENABLED');
  });
});
