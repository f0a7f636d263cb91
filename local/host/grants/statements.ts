import type { Json, JsonValue } from '../services.ts';
import type { Resource } from '../template/assembly.ts';
import type { Cloud } from '../template/cloud.ts';
import { TemplateError } from '../template/intrinsics.ts';
import { makePolicy, type Statement } from './policy.ts';

/** Services whose calls the host checks; statements about others (X-Ray, logs) are read past. */
const checked = ['dynamodb', 'sqs', 's3', 'events', '*'];
/** Of KMS only signatures are checked: what tables and buckets encrypt is not encrypted here. */
const checkedOfKms = ['kms:Sign', 'kms:GetPublicKey'];

/** What AWS's own policies grant of the services that the host checks. */
const managedByAws: Record<string, Statement[]> = {
  'service-role/AWSLambdaBasicExecutionRole': [],
  AWSXRayDaemonWriteAccess: [],
  CloudWatchLambdaInsightsExecutionRolePolicy: [],
  'service-role/AWSLambdaSQSQueueExecutionRole': [
    allowAll(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']),
  ],
  'service-role/AWSLambdaDynamoDBExecutionRole': [
    allowAll([
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
    ]),
  ],
};

/**
 * Every statement that applies to a role: its inline policies, the policies attached to it, the managed ones.
 * Throws `TemplateError` on a condition, which the host cannot check, and on an unknown managed policy.
 */
export function statementsOf(cloud: Cloud, role: Resource): Statement[] {
  const name = cloud.nameOf(role);
  const found: Statement[] = [];
  const inline = (cloud.property(role, 'Policies') ?? []) as Json[];
  for (const policy of inline) found.push(...read(role, policy['PolicyDocument']));

  const attached = new Set((cloud.property(role, 'ManagedPolicyArns') ?? []) as string[]);
  for (const policy of cloud.resources(
    'AWS::IAM::Policy',
    'AWS::IAM::RolePolicy',
    'AWS::IAM::ManagedPolicy',
  )) {
    const roles = [cloud.property(policy, 'Roles') ?? [], cloud.property(policy, 'RoleName') ?? []].flat();
    const byArn = policy.type === 'AWS::IAM::ManagedPolicy' && attached.delete(managedArn(cloud, policy));
    if (!byArn && !roles.includes(name)) continue;
    found.push(...read(policy, cloud.property(policy, 'PolicyDocument')));
  }
  for (const arn of attached) {
    const statements = managedByAws[arn.slice(arn.indexOf(':policy/') + ':policy/'.length)];
    if (!statements)
      throw new TemplateError(role.logicalId, `the host does not know the managed policy ${arn}`);
    found.push(...statements);
  }
  return found;
}

function managedArn(cloud: Cloud, policy: Resource): string {
  return String(cloud.resolve({ Ref: policy.logicalId }, policy, 'Ref'));
}

function read(resource: Resource, document: JsonValue): Statement[] {
  const raw = (document as Json)['Statement'];
  const statements = (Array.isArray(raw) ? raw : [raw]) as Json[];
  return statements.flatMap((statement) => {
    const exceptActions = 'NotAction' in statement;
    const exceptResources = 'NotResource' in statement;
    const actions = texts(exceptActions ? statement['NotAction'] : statement['Action']);
    if (!exceptActions && !actions.some(isChecked)) return [];
    if (statement['Condition'] !== undefined) {
      const condition = JSON.stringify(statement['Condition']);
      const where = `${resource.stack}.${resource.logicalId}`;
      throw new TemplateError(where, `the host cannot check the policy condition ${condition}`);
    }
    const effect = statement['Effect'] === 'Deny' ? 'Deny' : 'Allow';
    const resources = texts(exceptResources ? statement['NotResource'] : statement['Resource']);
    return [{ effect, actions, exceptActions, resources, exceptResources }];
  });
}

function isChecked(action: string): boolean {
  if (checked.includes(action.split(':')[0]?.toLowerCase() ?? '')) return true;
  const pattern = makePolicy([allowAll([action])]);
  return checkedOfKms.some((name) => pattern.allows(name, '*'));
}

function texts(value: JsonValue): string[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

function allowAll(actions: string[]): Statement {
  return { effect: 'Allow', actions, exceptActions: false, resources: ['*'], exceptResources: false };
}
