import type { Json, JsonValue } from '../services.ts';
import type { Cloud } from '../template/cloud.ts';
import { makePolicy } from './policy.ts';

/** A service of AWS that acts on its own behalf: a rule, the HTTP API. */
export interface Caller {
  principal: string;
  sourceArn: string;
}

/** What resources themselves allow others: queue policies and permissions of functions. */
export interface ResourcePolicies {
  maySend(caller: Caller, queueArn: string): boolean;
  mayInvoke(caller: Caller, functionArn: string): boolean;
  /** Whether anyone may call the function through its URL. */
  mayInvokeByUrl(functionArn: string): boolean;
}

interface Permission {
  action: string;
  functionName: string;
  principal: string;
  sourceArn: string | undefined;
  authType: string | undefined;
  byUrl: boolean;
}

export function readResourcePolicies(cloud: Cloud): ResourcePolicies {
  const statements = cloud
    .resources('AWS::SQS::QueuePolicy')
    .flatMap((policy) => list((cloud.property(policy, 'PolicyDocument') as Json)['Statement']) as Json[]);
  const permissions = cloud.resources('AWS::Lambda::Permission').map((resource): Permission => {
    const source = cloud.property(resource, 'SourceArn');
    const authType = cloud.property(resource, 'FunctionUrlAuthType');
    return {
      action: String(cloud.property(resource, 'Action')),
      functionName: lastPart(String(cloud.property(resource, 'FunctionName'))),
      principal: String(cloud.property(resource, 'Principal')),
      sourceArn: typeof source === 'string' ? source : undefined,
      authType: typeof authType === 'string' ? authType : undefined,
      byUrl: cloud.property(resource, 'InvokedViaFunctionUrl') === true,
    };
  });
  return {
    maySend: (caller, queueArn) =>
      statements.some((statement) => lets(statement, caller, 'sqs:SendMessage', queueArn)),
    mayInvoke: ({ principal, sourceArn }, functionArn) =>
      permissions.some(
        (permission) =>
          permission.action === 'lambda:InvokeFunction' &&
          permission.principal === principal &&
          permission.functionName === lastPart(functionArn) &&
          (permission.sourceArn === undefined || isLike(sourceArn, permission.sourceArn)),
      ),
    mayInvokeByUrl(functionArn) {
      const own = permissions.filter(
        ({ principal, functionName }) => principal === '*' && functionName === lastPart(functionArn),
      );
      // Since October 2025 Lambda wants both. Source: "Control access to Lambda function URLs" of the Lambda guide.
      return (
        own.some(({ action, authType }) => action === 'lambda:InvokeFunctionUrl' && authType !== 'AWS_IAM') &&
        own.some(({ action, byUrl }) => action === 'lambda:InvokeFunction' && byUrl)
      );
    },
  };
}

function lets(statement: Json, caller: Caller, action: string, resource: string): boolean {
  if (statement['Effect'] !== 'Allow' || !names(statement['Principal'], caller.principal)) return false;
  const actions = list(statement['Action']).map(String);
  const resources = list(statement['Resource']).map(String);
  const policy = makePolicy([
    { effect: 'Allow', actions, exceptActions: false, resources, exceptResources: false },
  ]);
  return policy.allows(action, resource) && holds((statement['Condition'] ?? {}) as Json, caller);
}

function names(principal: JsonValue, service: string): boolean {
  if (principal === '*') return true;
  if (typeof principal !== 'object' || principal === null || Array.isArray(principal)) return false;
  return list(principal['Service']).includes(service) || list(principal['AWS']).includes('*');
}

/** Only conditions on the source are known; another one counts as not met. */
function holds(condition: Json, caller: Caller): boolean {
  return Object.values(condition).every((tests) =>
    Object.entries(tests as Json).every(([key, patterns]) => {
      if (key.toLowerCase() === 'aws:sourceaccount') return true;
      if (key.toLowerCase() !== 'aws:sourcearn') return false;
      return list(patterns).some((pattern) => isLike(caller.sourceArn, String(pattern)));
    }),
  );
}

function isLike(arn: string, pattern: string): boolean {
  const policy = makePolicy([
    { effect: 'Allow', actions: ['*'], exceptActions: false, resources: [pattern], exceptResources: false },
  ]);
  return policy.allows('any', arn);
}

function list(value: JsonValue): JsonValue[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

const lastPart = (nameOrArn: string) => nameOrArn.split(':')[6] ?? nameOrArn;
