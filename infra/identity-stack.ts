import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import {
  AccountRecovery,
  CfnUserPoolGroup,
  ClientAttributes,
  FeaturePlan,
  Mfa,
  StandardThreatProtectionMode,
  StringAttribute,
  UserPool,
} from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';
import { ROUTES, type RouteWiring } from '../functions/routes.ts';
import type { Issuer } from './constructs/surroundings.ts';

/** Which commitments a focal point may report on: the claim `custom:units`, JSON text. */
const UNITS = 'units';

/** Every role that some route is for; a person has those of their groups. */
const roles = (): string[] => [
  ...new Set(ROUTES.flatMap(({ access }: RouteWiring) => (typeof access === 'string' ? [] : access))),
];

/** Who signs in: the pool, a group for each role, and the application that tokens are made out to. */
export class IdentityStack extends Stack {
  readonly issuer: Issuer;

  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const pool = new UserPool(this, 'People', {
      // An administrator lets people in; nobody signs up.
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      standardAttributes: {
        email: { required: true, mutable: true },
        fullname: { required: true, mutable: true },
      },
      customAttributes: { [UNITS]: new StringAttribute({ mutable: true, maxLen: 2048 }) },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      mfa: Mfa.REQUIRED,
      mfaSecondFactor: { otp: true, sms: false },
      featurePlan: FeaturePlan.PLUS,
      standardThreatProtectionMode: StandardThreatProtectionMode.FULL_FUNCTION,
      passwordPolicy: {
        minLength: 14,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(3),
      },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    for (const role of roles())
      new CfnUserPoolGroup(this, `${role}-group`, { userPoolId: pool.userPoolId, groupName: role });
    const client = pool.addClient('Application', {
      authFlows: { userSrp: true },
      disableOAuth: true,
      preventUserExistenceErrors: true,
      idTokenValidity: Duration.hours(1),
      accessTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.hours(12),
      readAttributes: new ClientAttributes()
        .withStandardAttributes({ email: true, fullname: true })
        .withCustomAttributes(UNITS),
      // Not the units: with them, a person would decide what they may report on.
      writeAttributes: new ClientAttributes().withStandardAttributes({ email: true, fullname: true }),
    });
    this.issuer = {
      url: pool.userPoolProviderUrl,
      jwksUrl: `${pool.userPoolProviderUrl}/.well-known/jwks.json`,
      audience: client.userPoolClientId,
    };
    new CfnOutput(this, 'UserPoolId', { value: pool.userPoolId });
    new CfnOutput(this, 'ClientId', { value: client.userPoolClientId });
  }
}
