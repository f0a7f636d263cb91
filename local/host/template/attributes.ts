import { createHash } from 'node:crypto';
import { account, type Endpoints, region } from '../services.ts';
import type { Resource } from './assembly.ts';

/** What the rest of the template sees of one resource: its `Ref`, and its attributes by name. */
export interface Attributes {
  ref: string;
  [attribute: string]: string;
}

/** What is known only once the host runs. */
export interface Surroundings {
  endpoints: Endpoints;
  /** Base URL of the HTTP API. */
  apiUrl: string;
}

/**
 * `Ref` and `Fn::GetAtt` of a resource whose physical name is `name`. A type that is not in this table has
 * no attributes here, and referring to it is an error.
 */
export function attributesOf(resource: Resource, name: string, around: Surroundings): Attributes | undefined {
  return table[resource.type]?.(name, around, resource);
}

/** The property of each type that holds its physical name. */
export const nameProperty: Record<string, string> = {
  'AWS::DynamoDB::GlobalTable': 'TableName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::Events::EventBus': 'Name',
  'AWS::Events::Rule': 'Name',
  'AWS::IAM::ManagedPolicy': 'ManagedPolicyName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::SSM::Parameter': 'Name',
  'AWS::Scheduler::Schedule': 'Name',
  'AWS::Scheduler::ScheduleGroup': 'Name',
  'AWS::ApiGatewayV2::Stage': 'StageName',
  'AWS::CloudWatch::Alarm': 'AlarmName',
};

/** A name that is the same at every start: stack, logical id and a short digest of both. */
export function stableName(resource: Resource): string {
  const digest = createHash('sha256').update(`${resource.stack}/${resource.logicalId}`).digest('hex');
  const readable = `${resource.stack}-${resource.logicalId}`.replace(/[^A-Za-z0-9-]/g, '').slice(0, 48);
  return `${readable}-${digest.slice(0, 8)}`;
}

/** Where the host serves the function URL that the resource makes: a prefix, with a slash at its end. */
export function functionUrlPath({ label }: Resource): string {
  const steps = label.replace(/(\/Function)?\/FunctionUrl$/, '').split('/');
  return `/_functions/${steps.map(encodeURIComponent).join('-')}/`;
}

export function arn(service: string, resource: string): string {
  return `arn:aws:${service}:${region}:${account}:${resource}`;
}

type Rule = (name: string, around: Surroundings, resource: Resource) => Attributes;

const dynamoTable: Rule = (name) => ({ ref: name, Arn: arn('dynamodb', `table/${name}`) });
const named =
  (service: string, prefix: string): Rule =>
  (name) => ({ ref: name, Arn: arn(service, `${prefix}${name}`), Name: name });
const byId: Rule = (name) => ({ ref: name, Id: name });

const table: Record<string, Rule> = {
  'AWS::ApiGatewayV2::Api': (name, { apiUrl }) => ({ ref: name, ApiId: name, ApiEndpoint: apiUrl }),
  'AWS::ApiGatewayV2::Integration': byId,
  'AWS::ApiGatewayV2::Route': byId,
  'AWS::ApiGatewayV2::Stage': byId,
  'AWS::CloudWatch::Alarm': named('cloudwatch', 'alarm:'),
  'AWS::Cognito::UserPool': (name, { endpoints }) => ({
    ref: name,
    Arn: arn('cognito-idp', `userpool/${name}`),
    UserPoolId: name,
    ...(endpoints.issuer && { ProviderURL: endpoints.issuer }),
  }),
  'AWS::Cognito::UserPoolClient': (name) => ({ ref: name, ClientId: name }),
  'AWS::DynamoDB::GlobalTable': dynamoTable,
  'AWS::DynamoDB::Table': dynamoTable,
  'AWS::Events::EventBus': named('events', 'event-bus/'),
  'AWS::Events::Rule': named('events', 'rule/'),
  'AWS::IAM::ManagedPolicy': (name) => ({ ref: iam(`policy/${name}`), PolicyArn: iam(`policy/${name}`) }),
  'AWS::IAM::Policy': byId,
  'AWS::IAM::Role': (name) => ({ ref: name, Arn: iam(`role/${name}`), RoleId: name }),
  'AWS::KMS::Alias': (name) => ({ ref: name }),
  'AWS::KMS::Key': (name) => ({ ref: name, KeyId: name, Arn: arn('kms', `key/${name}`) }),
  'AWS::Lambda::EventSourceMapping': byId,
  'AWS::Lambda::Function': named('lambda', 'function:'),
  'AWS::Lambda::Permission': byId,
  'AWS::Lambda::Url': (name, { apiUrl }, resource) => ({
    ref: name,
    FunctionUrl: `${apiUrl}${functionUrlPath(resource)}`,
  }),
  'AWS::Logs::LogGroup': (name) => ({ ref: name, Arn: arn('logs', `log-group:${name}:*`) }),
  'AWS::S3::Bucket': (name) => ({
    ref: name,
    Arn: `arn:aws:s3:::${name}`,
    DomainName: `${name}.s3.amazonaws.com`,
    RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
  }),
  'AWS::SNS::Topic': (name) => ({ ref: arn('sns', name), TopicArn: arn('sns', name), TopicName: name }),
  'AWS::SQS::Queue': (name, { endpoints }) => {
    const url = `${endpoints.sqs.replace(/\/$/, '')}/${account}/${name}`;
    return { ref: url, Arn: arn('sqs', name), QueueName: name, QueueUrl: url };
  },
  'AWS::SSM::Parameter': byId,
  'AWS::Scheduler::Schedule': named('scheduler', 'schedule/default/'),
  'AWS::Scheduler::ScheduleGroup': named('scheduler', 'schedule-group/'),
};

function iam(resource: string): string {
  return `arn:aws:iam::${account}:${resource}`;
}
