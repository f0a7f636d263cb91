import { describe, expect, it } from 'vitest';
import { statementsOf } from '../../../../local/host/grants/statements.ts';
import type { Json } from '../../../../local/host/services.ts';
import type { Resource } from '../../../../local/host/template/assembly.ts';
import { makeCloud } from '../../../../local/host/template/cloud.ts';

const document = (...Statement: Json[]): Json => ({ Version: '2012-10-17', Statement });
const allow = (Action: string | string[], more: Json = {}): Json => ({
  ...{ Effect: 'Allow', Action, Resource: 'r' },
  ...more,
});

/** The actions that the role `Role` has, with these resources beside it. */
function actionsWith(role: Json, others: Record<string, [type: string, properties: Json]> = {}): string[] {
  const entries: [string, string, Json][] = [
    ['Role', 'AWS::IAM::Role', role],
    ...Object.entries(others).map(([id, [type, properties]]): [string, string, Json] => [
      id,
      type,
      properties,
    ]),
  ];
  const resources = new Map(
    entries.map(([logicalId, type, properties]): [string, Resource] => [
      logicalId,
      { stack: 'S', logicalId, label: logicalId, type, properties },
    ]),
  );
  const stack = { name: 'S', parameters: {}, conditions: {}, mappings: {}, exports: new Map(), resources };
  const endpoints = { dynamodb: 'http://127.0.0.1:1', sqs: 'http://127.0.0.1:2', s3: 'http://127.0.0.1:3' };
  const cloud = makeCloud({ stacks: new Map([['S', stack]]), assets: new Map() }, { endpoints, apiUrl: '' });
  return statementsOf(cloud, resources.get('Role') as Resource).flatMap((statement) => statement.actions);
}

describe('statements of a role', () => {
  it('are its inline ones, those of policies attached to it, and of managed ones by name or by role', () => {
    const actions = actionsWith(
      {
        Policies: [{ PolicyDocument: document(allow('sqs:SendMessage')) }],
        ManagedPolicyArns: [
          { Ref: 'Managed' },
          'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
        ],
      },
      {
        Own: [
          'AWS::IAM::Policy',
          { Roles: [{ Ref: 'Role' }], PolicyDocument: document(allow(['s3:GetObject'])) },
        ],
        Other: ['AWS::IAM::Policy', { Roles: ['another'], PolicyDocument: document(allow('s3:PutObject')) }],
        Managed: ['AWS::IAM::ManagedPolicy', { PolicyDocument: document(allow('dynamodb:GetItem')) }],
        ByRole: [
          'AWS::IAM::ManagedPolicy',
          { Roles: [{ Ref: 'Role' }], PolicyDocument: document(allow('dynamodb:Query')) },
        ],
        Unused: ['AWS::IAM::ManagedPolicy', { PolicyDocument: document(allow('dynamodb:Scan')) }],
      },
    );
    expect(actions.sort()).toEqual(['dynamodb:GetItem', 'dynamodb:Query', 's3:GetObject', 'sqs:SendMessage']);
  });

  const inline = (...statements: Json[]) => ({ Policies: [{ PolicyDocument: document(...statements) }] });

  it('may carry conditions only for services that are not checked here', () => {
    const Condition = { StringEquals: { 'kms:ViaService': 'dynamodb' } };
    expect(actionsWith(inline(allow('kms:Decrypt', { Condition })))).toEqual([]);
    expect(() => actionsWith(inline(allow('dynamodb:GetItem', { Condition })))).toThrow(
      /S\.Role: the host cannot check the policy condition .*kms:ViaService/,
    );
  });

  it('of an unknown managed policy are an error', () => {
    const role = { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] };
    expect(() => actionsWith(role)).toThrow(/does not know the managed policy .*AdministratorAccess/);
  });
});
