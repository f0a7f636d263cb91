import { describe, expect, it } from 'vitest';
import { FUNCTIONS, type FunctionName, type FunctionWiring } from '../../functions/wiring.ts';
import type { Json } from '../../local/host/services.ts';
import { TABLES } from '../../shared/store/keys.ts';
import { all, cloud, functionOf, only, propertiesOf, queueOf, tableNames, tableOf } from '../kit/template.ts';

const names = Object.keys(FUNCTIONS) as FunctionName[];

const environmentOf = (name: FunctionName): Json =>
  ((cloud.property(functionOf(name), 'Environment') as Json | undefined)?.['Variables'] ?? {}) as Json;

describe('functions', () => {
  it('are those of the wiring, and no others', () => {
    expect(
      all('AWS::Lambda::Function')
        .map(({ label }) => label)
        .toSorted(),
    ).toEqual(names.toSorted());
  });

  it.each(names)('%s runs as wired', (name) => {
    const wiring: FunctionWiring = FUNCTIONS[name];
    const logs = only('AWS::Logs::LogGroup', ({ label }) => label === `${name}/Logs`);
    expect(propertiesOf(functionOf(name))).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: wiring.memory,
      Timeout: wiring.timeout,
      LoggingConfig: { LogGroup: cloud.nameOf(logs) },
    });
    expect(cloud.property(logs, 'RetentionInDays')).toBeGreaterThan(0);
  });

  it('know each table under its own variable, and only the tables that they may use', () => {
    for (const name of names) {
      const tables = (FUNCTIONS[name] as FunctionWiring).tables.map(({ table }) => table);
      for (const table of tableNames)
        expect(environmentOf(name)[TABLES[table].env], `${name} ${table}`).toBe(
          tables.includes(table) ? cloud.nameOf(tableOf(table)) : undefined,
        );
    }
  });

  it('know the bus, the queues, the issuer and the settings of their wiring, and nothing else', () => {
    const tableVariables: string[] = Object.values(TABLES).map(({ env }) => env);
    const issuer = 'https://issuer.example';
    const audience = cloud.resolve(
      { Ref: only('AWS::Cognito::UserPoolClient').logicalId },
      only('AWS::Cognito::UserPoolClient'),
      'Ref',
    );
    for (const name of names) {
      const { bus, sendsTo = [], settings = [], tokens } = FUNCTIONS[name] as FunctionWiring;
      const others = Object.entries(environmentOf(name)).filter(
        ([variable]) => !tableVariables.includes(variable),
      );
      expect(Object.fromEntries(others), name).toEqual({
        ...(bus && { EVENT_BUS: cloud.nameOf(only('AWS::Events::EventBus')) }),
        ...(sendsTo.includes('deliveries') && {
          DELIVERIES_QUEUE_URL: expect.stringContaining(cloud.nameOf(queueOf('deliveries-queue'))),
        }),
        ...(tokens && {
          ISSUER_URL: issuer,
          JWKS_URL: `${issuer}/.well-known/jwks.json`,
          TOKEN_AUDIENCE: audience,
        }),
        ...(settings.includes('ALLOW_LOOPBACK_WEBHOOKS') && { ALLOW_LOOPBACK_WEBHOOKS: 'false' }),
        ...(settings.includes('WEBHOOK_RETRY_SCHEDULE') && { WEBHOOK_RETRY_SCHEDULE: '' }),
      });
    }
  });
});
