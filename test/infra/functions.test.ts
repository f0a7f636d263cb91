import { describe, expect, it } from 'vitest';
import { FUNCTIONS, type FunctionName, type FunctionWiring, QUEUES } from '../../functions/wiring.ts';
import { CONFIG } from '../../infra/config.ts';
import type { Json } from '../../local/host/services.ts';
import { TABLES } from '../../shared/store/keys.ts';
import {
  all,
  bucketOf,
  cloud,
  functionOf,
  only,
  propertiesOf,
  queueOf,
  signingKeyOf,
  tableNames,
  tableOf,
} from '../kit/template.ts';

const names = Object.keys(FUNCTIONS) as FunctionName[];

const queueLabel = (name: string): string => (name in QUEUES ? `${name}-queue` : `${name}-subscription/Work`);
const witnessUrl = (): unknown => {
  const url = only('AWS::Lambda::Url');
  return cloud.resolve({ 'Fn::GetAtt': [url.logicalId, 'FunctionUrl'] }, url, 'FunctionUrl');
};

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

  it('know the rest of their wiring, and nothing else', () => {
    const tableVariables: string[] = Object.values(TABLES).map(({ env }) => env);
    const issuer = 'https://issuer.example';
    const audience = cloud.resolve(
      { Ref: only('AWS::Cognito::UserPoolClient').logicalId },
      only('AWS::Cognito::UserPoolClient'),
      'Ref',
    );
    for (const name of names) {
      const wiring: FunctionWiring = FUNCTIONS[name];
      const { bus, buckets = [], sendsTo = [], settings = [], tokens } = wiring;
      const key = wiring.signs ?? wiring.knows;
      const others = Object.entries(environmentOf(name)).filter(
        ([variable]) => !tableVariables.includes(variable),
      );
      expect(Object.fromEntries(others), name).toEqual({
        ...(bus && { EVENT_BUS: cloud.nameOf(only('AWS::Events::EventBus')) }),
        ...Object.fromEntries(
          sendsTo.map((queue) => [
            `${queue.toUpperCase()}_QUEUE_URL`,
            expect.stringContaining(cloud.nameOf(queueOf(queueLabel(queue)))),
          ]),
        ),
        ...(buckets.some(({ bucket }) => bucket === 'log') && { LOG_BUCKET: cloud.nameOf(bucketOf('Log')) }),
        ...(buckets.some(({ bucket }) => bucket === 'exports') && {
          EXPORTS_BUCKET: cloud.nameOf(bucketOf('Exports')),
        }),
        ...(key === 'log' && { LOG_KEY_ID: cloud.arnOf(signingKeyOf('log')) }),
        ...(key === 'witness' && { WITNESS_KEY_ID: cloud.arnOf(signingKeyOf('witness')) }),
        ...(wiring.witnesses && { WITNESS_URLS: witnessUrl() }),
        ...(tokens && {
          ISSUER_URL: issuer,
          JWKS_URL: `${issuer}/.well-known/jwks.json`,
          TOKEN_AUDIENCE: audience,
        }),
        ...Object.fromEntries(settings.map((setting) => [setting, CONFIG.settings[setting]])),
      });
    }
  });
});
