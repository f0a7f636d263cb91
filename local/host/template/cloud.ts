import { account, type Json, type JsonValue, region } from '../services.ts';
import type { Assembly, Resource, Stack } from './assembly.ts';
import { type Attributes, attributesOf, nameProperty, type Surroundings, stableName } from './attributes.ts';
import { type Context, resolveValue, TemplateError } from './intrinsics.ts';

/** The assembly with every reference answered by what exists on this machine. */
export interface Cloud {
  assembly: Assembly;
  /** All resources of the given types whose condition holds, in the order of the templates. */
  resources(...types: string[]): Resource[];
  /** Physical name: the template's, or a stable one. */
  nameOf(resource: Resource): string;
  arnOf(resource: Resource): string;
  /** One property, resolved; undefined when absent or `AWS::NoValue`. Throws `TemplateError`. */
  property(resource: Resource, name: string): JsonValue;
  /** Adds attributes that only the running service knows, such as a table's `StreamArn`. */
  learn(resource: Resource, attributes: Record<string, string>): void;
  resolve(value: JsonValue, resource: Resource, path: string): JsonValue;
}

export interface CloudOptions extends Surroundings {
  /** CloudFormation parameters by name. */
  parameters?: Record<string, string>;
}

export function makeCloud(assembly: Assembly, options: CloudOptions): Cloud {
  const learned = new Map<Resource, Record<string, string>>();
  const known = new Map<Resource, Attributes>();
  const exports = new Map<string, { stack: Stack; value: JsonValue }>();
  for (const stack of assembly.stacks.values()) {
    for (const [name, value] of stack.exports) exports.set(name, { stack, value });
  }

  const pseudo: Record<string, string> = {
    'AWS::AccountId': account,
    'AWS::Partition': 'aws',
    'AWS::Region': region,
    'AWS::URLSuffix': 'amazonaws.com',
  };

  function context(stack: Stack, where: string): Context {
    return {
      stack,
      where,
      ref(name) {
        if (name === 'AWS::StackName') return stack.name;
        if (name === 'AWS::StackId')
          return `arn:aws:cloudformation:${region}:${account}:stack/${stack.name}/local`;
        const fixed = pseudo[name] ?? options.parameters?.[name];
        if (fixed !== undefined) return fixed;
        const parameter = stack.parameters[name];
        if (parameter) return parameter.Default;
        return attributes(stack.resources.get(name))?.ref;
      },
      attribute: (logicalId, name) => attributes(stack.resources.get(logicalId))?.[name],
      imported(name) {
        const found = exports.get(name);
        return found && resolveValue(found.value, context(found.stack, `${where} (export ${name})`));
      },
    };
  }

  function attributes(resource: Resource | undefined): Attributes | undefined {
    if (!resource) return undefined;
    let found = known.get(resource);
    if (!found) {
      found = attributesOf(resource, nameOf(resource), options);
      if (!found) return undefined;
      known.set(resource, found);
    }
    const extra = learned.get(resource);
    return extra ? { ...found, ...extra } : found;
  }

  function nameOf(resource: Resource): string {
    const property = nameProperty[resource.type];
    const given = property && resolve(resource.properties[property], resource, property);
    if (typeof given === 'string') return given;
    const name = stableName(resource);
    if (resource.type === 'AWS::S3::Bucket') return name.toLowerCase();
    return resource.properties['FifoQueue'] === true ? `${name}.fifo` : name;
  }

  function stackOf(resource: Resource): Stack {
    const stack = assembly.stacks.get(resource.stack);
    if (!stack) throw new TemplateError(resource.logicalId, `unknown stack ${resource.stack}`);
    return stack;
  }

  function resolve(value: JsonValue, resource: Resource, path: string): JsonValue {
    const where = `${resource.stack}.${resource.logicalId}.${path}`;
    return resolveValue(value, context(stackOf(resource), where));
  }

  function exists(resource: Resource): boolean {
    if (resource.condition === undefined) return true;
    const condition: Json = { 'Fn::If': [resource.condition, true, false] };
    return resolve(condition, resource, 'Condition') === true;
  }

  return {
    assembly,
    resources(...types) {
      const all = [...assembly.stacks.values()].flatMap((stack) => [...stack.resources.values()]);
      return all.filter((resource) => types.includes(resource.type) && exists(resource));
    },
    nameOf,
    arnOf(resource) {
      const found = attributes(resource)?.['Arn'];
      if (found === undefined) throw new TemplateError(resource.logicalId, `no ARN for ${resource.type}`);
      return found;
    },
    property: (resource, name) => resolve(resource.properties[name], resource, name),
    learn: (resource, extra) => void learned.set(resource, { ...learned.get(resource), ...extra }),
    resolve,
  };
}
