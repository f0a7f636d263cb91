import { describe, expect, it } from 'vitest';
import type { Json } from '../../../../local/host/services.ts';
import type { Assembly, Resource, Stack } from '../../../../local/host/template/assembly.ts';
import { makeCloud } from '../../../../local/host/template/cloud.ts';

const endpoints = { dynamodb: 'http://127.0.0.1:1', sqs: 'http://127.0.0.1:2', s3: 'http://127.0.0.1:3' };

function stack(name: string, types: Record<string, Json>, more: Partial<Stack> = {}): Stack {
  const resources = new Map<string, Resource>();
  for (const [logicalId, { Type, Condition, ...properties }] of Object.entries(types)) {
    const condition = Condition === undefined ? {} : { condition: String(Condition) };
    resources.set(logicalId, {
      stack: name,
      logicalId,
      label: logicalId,
      type: String(Type),
      properties,
      ...condition,
    });
  }
  return { name, parameters: {}, conditions: {}, mappings: {}, exports: new Map(), ...more, resources };
}

function cloudOf(...stacks: Stack[]) {
  const assembly: Assembly = { stacks: new Map(stacks.map((one) => [one.name, one])), assets: new Map() };
  const cloud = makeCloud(assembly, { endpoints, apiUrl: 'http://127.0.0.1:8', parameters: { Given: 'g' } });
  const at = stacks[0]?.resources.values().next().value as Resource;
  return { cloud, at, value: (json: Json | string) => cloud.resolve(json, at, 'P') };
}

const store = stack(
  'Store',
  {
    Table: { Type: 'AWS::DynamoDB::GlobalTable', TableName: 'things' },
    Queue: { Type: 'AWS::SQS::Queue', FifoQueue: true },
    Odd: { Type: 'AWS::Odd::Thing' },
    Off: { Type: 'AWS::SQS::Queue', Condition: 'Never' },
  },
  {
    parameters: { Size: { Default: 7 }, Bare: {}, Given: { Default: 'd' } },
    conditions: {
      Never: { 'Fn::Equals': [{ Ref: 'Size' }, 8] },
      Ever: { 'Fn::Not': [{ Condition: 'Never' }] },
    },
    mappings: { M: { a: { b: 'c' } } },
    exports: new Map([['tableArn', { 'Fn::GetAtt': ['Table', 'Arn'] }]]),
  },
);
const tableArn = 'arn:aws:dynamodb:eu-west-1:000000000000:table/things';

/** A placeholder of `Fn::Sub`. */
const hole = (name: string) => `$\{${name}}`;

describe('intrinsics', () => {
  const { value, cloud, at } = cloudOf(store, stack('Other', {}));

  it.each([
    [{ Ref: 'Table' }, 'things'],
    [{ Ref: 'AWS::Region' }, 'eu-west-1'],
    [{ Ref: 'Size' }, 7],
    [{ Ref: 'Given' }, 'g'],
    [{ 'Fn::GetAtt': ['Table', 'Arn'] }, tableArn],
    [{ 'Fn::GetAtt': 'Table.Arn' }, tableArn],
    [{ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':x']] }, 'arn:aws:x'],
    [{ 'Fn::Select': [1, { 'Fn::Split': ['/', { 'Fn::GetAtt': ['Table', 'Arn'] }] }] }, 'things'],
    [
      { 'Fn::Sub': `a-${hole('AWS::AccountId')}-${hole('Table.Arn')}-${hole('!kept')}` },
      `a-000000000000-${tableArn}-${hole('kept')}`,
    ],
    [{ 'Fn::Sub': [hole('Own'), { Own: { Ref: 'Table' } }] }, 'things'],
    [{ 'Fn::If': ['Ever', 'yes', 'no'] }, 'yes'],
    [{ 'Fn::FindInMap': ['M', 'a', 'b'] }, 'c'],
    [
      { Statement: [{ Condition: { Bool: { x: 'y' } } }] },
      { Statement: [{ Condition: { Bool: { x: 'y' } } }] },
    ],
    [{ a: { Ref: 'AWS::NoValue' }, b: [{ Ref: 'AWS::NoValue' }, 1] }, { b: [1] }],
  ] as [Json, unknown][])('%j', (json, expected) => {
    expect(value(json)).toEqual(expected);
  });

  it('imports what another stack exports', () => {
    const user = stack('User', { Fn: { Type: 'AWS::Lambda::Function' } });
    const { cloud: both } = cloudOf(store, user);
    const fn = user.resources.get('Fn') as Resource;
    expect(both.resolve({ 'Fn::ImportValue': 'tableArn' }, fn, 'P')).toBe(tableArn);
  });

  it.each([
    [{ 'Fn::Transform': {} }, /Store\.Table\.P: the host does not know Fn::Transform/],
    [{ a: [{ Ref: 'Nothing' }] }, /Store\.Table\.P\.a\.0: Ref Nothing has no value/],
    [{ 'Fn::GetAtt': ['Table', 'Colour'] }, /Fn::GetAtt Table\.Colour has no value/],
    [{ 'Fn::Sub': hole('Odd.Arn') }, /Fn::GetAtt Odd\.Arn has no value/],
    [{ Ref: 'Bare' }, /Ref Bare has no value/],
    [{ 'Fn::ImportValue': 'nowhere' }, /Fn::ImportValue nowhere has no value/],
  ] as [Json, RegExp][])('refuses %j', (json, message) => {
    expect(() => value(json)).toThrow(message);
  });

  it('leaves out a resource whose condition does not hold', () => {
    expect(cloud.resources('AWS::SQS::Queue').map((queue) => queue.logicalId)).toEqual(['Queue']);
  });

  it('gives a queue without a name one that stays, ends as its kind must, and is in its URL', () => {
    const queue = store.resources.get('Queue') as Resource;
    const name = cloud.nameOf(queue);
    expect(name).toMatch(/^Store-Queue-[0-9a-f]{8}\.fifo$/);
    expect(cloudOf(store).cloud.nameOf(queue)).toBe(name);
    expect(value({ Ref: 'Queue' })).toBe(`http://127.0.0.1:2/000000000000/${name}`);
  });

  it('answers attributes learned from the running service', () => {
    expect(() => value({ 'Fn::GetAtt': ['Table', 'StreamArn'] })).toThrow(/no value/);
    cloud.learn(at, { StreamArn: 'arn:stream' });
    expect(value({ 'Fn::GetAtt': ['Table', 'StreamArn'] })).toBe('arn:stream');
  });
});
