import type { Rule, Target } from '../bus/rules.ts';
import type { Mapping } from '../event-sources/mapping.ts';
import type { FunctionRunner } from '../functions/runner.ts';
import type { Route } from '../http-api/routes.ts';
import { arn } from '../template/attributes.ts';
import type { Cloud } from '../template/cloud.ts';
import { TemplateError } from '../template/intrinsics.ts';
import { makePolicy } from './policy.ts';
import { type Caller, readResourcePolicies } from './resource-policies.ts';

export interface Wiring {
  mappings: Mapping[];
  /** Rules with a pattern or a schedule. */
  rules: Pick<Rule, 'arn' | 'targets'>[];
  /** Functions that a route leads to. */
  routes: Route<FunctionRunner>[];
  /** Functions with a URL. */
  urls: { target: FunctionRunner }[];
}

/**
 * Throws `TemplateError` that names every grant which AWS needs to carry an event and the template lacks: what
 * a function's role must allow its event sources, and what queues and functions must allow rules and the API.
 */
export function checkWiring(cloud: Cloud, { mappings, rules, routes, urls }: Wiring): void {
  const policies = readResourcePolicies(cloud);
  const missing = [
    ...mappings.flatMap(missingForMapping),
    ...rules.flatMap((rule) => rule.targets.flatMap((target) => missingForTarget(rule.arn, target))),
    ...missingForApi(),
    ...urls
      .filter(({ target }) => !policies.mayInvokeByUrl(target.definition.arn))
      .map(({ target }) => `${target.definition.label} does not let anyone in through its function URL`),
  ];
  if (missing.length > 0) throw new TemplateError('missing grants', [...new Set(missing)].join('; '));

  function missingForTarget(ruleArn: string, target: Target): string[] {
    const caller: Caller = { principal: 'events.amazonaws.com', sourceArn: ruleArn };
    const arns = target.deadLetterArn === undefined ? [target.arn] : [target.arn, target.deadLetterArn];
    return arns
      .filter((to) => !(isQueue(to) ? policies.maySend(caller, to) : policies.mayInvoke(caller, to)))
      .map((to) => `${to} does not let the rule ${ruleArn} in`);
  }

  function missingForApi(): string[] {
    const api = cloud.resources('AWS::ApiGatewayV2::Api')[0];
    if (!api) return [];
    return routes
      .filter(({ key, target }) => {
        const [method = '', path = ''] = key === '$default' ? ['$default'] : key.split(' ');
        const sourceArn = arn('execute-api', `${cloud.nameOf(api)}/$default/${method}${path}`);
        const caller = { principal: 'apigateway.amazonaws.com', sourceArn };
        return !policies.mayInvoke(caller, target.definition.arn);
      })
      .map(({ key, target }) => `${target.definition.label} does not let the HTTP API in for ${key}`);
  }
}

const forQueues = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
const forStreams = ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'];

function missingForMapping({ sourceArn, onFailureArn, runner }: Mapping): string[] {
  const { label, start } = runner.definition;
  const policy = makePolicy(start.statements);
  const needs = (isQueue(sourceArn) ? forQueues : forStreams).map((action) => [action, sourceArn] as const);
  if (onFailureArn?.startsWith('arn:aws:s3:')) {
    needs.push(['s3:PutObject', `${onFailureArn}/any`], ['s3:ListBucket', onFailureArn]);
  } else if (onFailureArn !== undefined) {
    needs.push(['sqs:SendMessage', onFailureArn]);
  }
  return needs
    .filter(([action, resource]) => !policy.allows(action, resource))
    .map(([action, resource]) => `the role of ${label} lacks ${action} on ${resource}`);
}

function isQueue(target: string): boolean {
  return target.startsWith('arn:aws:sqs:');
}
