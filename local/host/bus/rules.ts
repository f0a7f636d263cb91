import { compilePattern, matchesPattern } from '../../../shared/event-pattern/pattern.ts';
import type { Json } from '../services.ts';
import type { Resource } from '../template/assembly.ts';
import type { Cloud } from '../template/cloud.ts';
import { TemplateError } from '../template/intrinsics.ts';

/** Where a rule sends what it matches. */
export interface Target {
  arn: string;
  deadLetterArn?: string;
  /** FIFO queues only. */
  messageGroupId?: string;
  /** A constant event in place of the matched one, as JSON. */
  input?: string;
}

export interface Rule {
  arn: string;
  bus: string;
  matches(event: Json): boolean;
  targets: Target[];
}

/** The enabled rules with an event pattern. */
export function readRules(cloud: Cloud): Rule[] {
  return enabledRules(cloud).flatMap((resource) => {
    const pattern = cloud.property(resource, 'EventPattern');
    if (pattern === undefined) return [];
    const compiled = compilePattern(pattern);
    if (!compiled.ok)
      throw new TemplateError(nameOf(resource), `bad pattern: ${JSON.stringify(compiled.errors)}`);
    return [
      {
        arn: cloud.arnOf(resource),
        bus: busName(String(cloud.property(resource, 'EventBusName') ?? 'default')),
        matches: (event: Json) => matchesPattern(compiled.pattern, event),
        targets: readTargets(cloud, resource),
      },
    ];
  });
}

export function enabledRules(cloud: Cloud): Resource[] {
  return cloud
    .resources('AWS::Events::Rule')
    .filter((resource) => cloud.property(resource, 'State') !== 'DISABLED');
}

/** Reads `Targets` of a rule. Input paths and transformers are an error: the host has none. */
export function readTargets(cloud: Cloud, resource: Resource): Target[] {
  const targets = (cloud.property(resource, 'Targets') ?? []) as Json[];
  return targets.map((target) => {
    if (target['InputPath'] !== undefined || target['InputTransformer'] !== undefined) {
      throw new TemplateError(nameOf(resource), 'the host knows neither InputPath nor InputTransformer');
    }
    const deadLetter = (target['DeadLetterConfig'] as Json | undefined)?.['Arn'];
    const group = (target['SqsParameters'] as Json | undefined)?.['MessageGroupId'];
    const input = target['Input'];
    return {
      arn: String(target['Arn']),
      ...(typeof deadLetter === 'string' && { deadLetterArn: deadLetter }),
      ...(typeof group === 'string' && { messageGroupId: group }),
      ...(typeof input === 'string' && { input }),
    };
  });
}

/** A bus is named by its name or its ARN. */
export function busName(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.indexOf('event-bus/') + 10) : nameOrArn;
}

const nameOf = (resource: Resource) => `${resource.stack}.${resource.logicalId}`;
