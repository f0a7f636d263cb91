import { existsSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { makePolicy, type Statement } from '../grants/policy.ts';
import { statementsOf } from '../grants/statements.ts';
import { account, credentials, type Json, region } from '../services.ts';
import type { Resource } from '../template/assembly.ts';
import type { Cloud } from '../template/cloud.ts';
import { TemplateError } from '../template/intrinsics.ts';
import type { WorkerStart } from './protocol.ts';

/** All that the template says about one function. */
export interface FunctionDefinition {
  name: string;
  /** Its name for people. */
  label: string;
  arn: string;
  roleArn: string;
  environment: Record<string, string>;
  start: WorkerStart;
}

export interface Surroundings {
  /** URL of each service a function may call, by the suffix of its `AWS_ENDPOINT_URL_*`. */
  endpoints: { DYNAMODB: string; SQS: string; S3: string; EVENTBRIDGE: string; KMS: string };
  /** Values that replace those of the template, where the template has the variable. */
  environment: Record<string, string>;
}

/** Reads an `AWS::Lambda::Function`. Throws `TemplateError` when its bundle or handler cannot be found. */
export function defineFunction(cloud: Cloud, resource: Resource, around: Surroundings): FunctionDefinition {
  const name = cloud.nameOf(resource);
  const handler = String(cloud.property(resource, 'Handler'));
  const memory = Number(cloud.property(resource, 'MemorySize') ?? 128);
  const root = bundleOf(cloud, resource);
  const dot = handler.lastIndexOf('.');
  const environment = environmentOf(cloud, resource, around.environment);
  return {
    name,
    label: resource.label,
    arn: cloud.arnOf(resource),
    roleArn: String(cloud.property(resource, 'Role')),
    environment: { ...environment, ...runtimeVariables(name, handler, memory, root, around) },
    start: {
      functionName: name,
      label: resource.label,
      functionArn: cloud.arnOf(resource),
      memory,
      timeoutMs: Number(cloud.property(resource, 'Timeout') ?? 3) * 1000,
      root,
      file: handlerFile(root, handler.slice(0, dot), resource),
      exportName: handler.slice(dot + 1),
      statements: grantsOf(cloud, resource),
      services: servicesOf(around.endpoints),
      region,
      account,
    },
  };
}

function bundleOf(cloud: Cloud, resource: Resource): string {
  const code = cloud.property(resource, 'Code') as Json | undefined;
  const hash = String(code?.['S3Key'] ?? '').replace(/\.zip$/, '');
  const folder = cloud.assembly.assets.get(hash);
  if (!folder) throw new TemplateError(resource.logicalId, `its code is not an asset of this assembly`);
  return folder;
}

function handlerFile(root: string, module: string, resource: Resource): string {
  const names = ['.mjs', '.js', '.cjs'].map((ending) => module + ending);
  const found = names.find((name) => existsSync(join(root, name)));
  if (!found) throw new TemplateError(resource.logicalId, `none of ${names.join(', ')} is in ${root}`);
  return found;
}

/** Exactly the template's variables. An override never adds one, or a missing variable would not be seen. */
function environmentOf(cloud: Cloud, resource: Resource, overrides: Record<string, string>) {
  const block = (resource.properties['Environment'] ?? {}) as Json;
  const variables = (block['Variables'] ?? {}) as Json;
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) {
    const resolved = overrides[name] ?? cloud.resolve(value, resource, `Environment.Variables.${name}`);
    if (resolved !== undefined) found[name] = String(resolved);
  }
  return found;
}

/** Source: "Defined runtime environment variables" of the Lambda developer guide. */
function runtimeVariables(name: string, handler: string, memory: number, root: string, around: Surroundings) {
  const endpoints = Object.entries(around.endpoints).map(([service, url]) => [
    `AWS_ENDPOINT_URL_${service}`,
    url,
  ]);
  return {
    ...Object.fromEntries(endpoints),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    // Tells the object store whose role stands behind a signed link.
    AWS_SESSION_TOKEN: name,
    // The person's own ~/.aws must not reach the function.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memory),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    LAMBDA_TASK_ROOT: root,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    _HANDLER: handler,
  };
}

function grantsOf(cloud: Cloud, resource: Resource): Statement[] {
  const arn = cloud.property(resource, 'Role');
  const role = cloud.resources('AWS::IAM::Role').find((candidate) => cloud.arnOf(candidate) === arn);
  if (!role) throw new TemplateError(resource.logicalId, `its role ${String(arn)} is not in the assembly`);
  const statements = statementsOf(cloud, role);
  makePolicy(statements);
  return statements;
}

function servicesOf(endpoints: Surroundings['endpoints']): string[] {
  return Object.values(endpoints).map((url) => new URL(url).host);
}
