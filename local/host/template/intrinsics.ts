import type { Json, JsonValue } from '../services.ts';
import type { Stack } from './assembly.ts';

/** Something in the template that the host does not understand; the message names resource and path. */
export class TemplateError extends Error {
  constructor(where: string, reason: string) {
    super(`${where}: ${reason}`);
    this.name = 'TemplateError';
  }
}

/** What an intrinsic function can look up. Undefined means unknown, and is an error at the place of use. */
export interface Context {
  stack: Stack;
  /** Resource and path, for messages. */
  where: string;
  ref(name: string): JsonValue;
  attribute(logicalId: string, name: string): string | undefined;
  imported(name: string): JsonValue;
}

/** `AWS::NoValue`: removes the property or element it stands for. */
const noValue = Symbol('AWS::NoValue');
type Resolved = JsonValue | typeof noValue;

/** Resolves every intrinsic in `value`. Throws `TemplateError` for one that it does not know. */
export function resolveValue(value: JsonValue, context: Context): JsonValue {
  const resolved = resolveInner(value, context);
  return resolved === noValue ? undefined : resolved;
}

function resolveInner(value: JsonValue, context: Context): Resolved {
  if (Array.isArray(value)) {
    const items = value.map((item, index) => resolveInner(item, at(context, String(index))));
    return items.filter((item) => item !== noValue);
  }
  if (typeof value !== 'object' || value === null) return value;
  const names = Object.keys(value);
  const only = names.length === 1 ? names[0] : undefined;
  if (only !== undefined && (only === 'Ref' || only === 'Condition' || only.startsWith('Fn::'))) {
    // A policy statement may hold nothing but a `Condition` block, which is an object; the intrinsic is a name.
    if (only !== 'Condition' || typeof value[only] === 'string') return call(only, value[only], context);
  }
  const object: Json = {};
  for (const name of names) {
    const resolved = resolveInner(value[name], at(context, name));
    if (resolved !== noValue) object[name] = resolved;
  }
  return object;
}

function call(name: string, argument: JsonValue, context: Context): Resolved {
  const run = functions[name];
  if (!run) throw new TemplateError(context.where, `the host does not know ${name}`);
  return run(argument, context);
}

type Intrinsic = (argument: JsonValue, context: Context) => Resolved;

const functions: Record<string, Intrinsic> = {
  Ref(argument, context) {
    const name = String(argument);
    if (name === 'AWS::NoValue') return noValue;
    return found(context.ref(name), context, `Ref ${name}`);
  },
  'Fn::GetAtt'(argument, context) {
    const [logicalId, ...rest] = Array.isArray(argument) ? argument : String(argument).split('.');
    const name = rest.join('.');
    return found(context.attribute(String(logicalId), name), context, `Fn::GetAtt ${logicalId}.${name}`);
  },
  'Fn::ImportValue'(argument, context) {
    const name = text(argument, context);
    return found(context.imported(name), context, `Fn::ImportValue ${name}`);
  },
  'Fn::Join'(argument, context) {
    const [separator, items] = pair(argument, context, 'Fn::Join');
    return list(items, context, 'Fn::Join').join(String(separator));
  },
  'Fn::Split'(argument, context) {
    const [separator, source] = pair(argument, context, 'Fn::Split');
    return text(source, context).split(String(separator));
  },
  'Fn::Select'(argument, context) {
    const [index, items] = pair(argument, context, 'Fn::Select');
    const chosen = list(items, context, 'Fn::Select')[Number(resolveValue(index, context))];
    return found(chosen, context, `Fn::Select ${String(index)}`);
  },
  'Fn::Sub'(argument, context) {
    const [template, own] = Array.isArray(argument) ? [argument[0], argument[1]] : [argument, {}];
    const variables = (resolveValue(own, context) ?? {}) as Json;
    return String(template).replace(/\$\{(!?)([^}]+)\}/g, (_whole, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (name in variables) return String(variables[name]);
      const reference: Json = name.includes('.') ? { 'Fn::GetAtt': name.split('.') } : { Ref: name };
      return text(reference, context);
    });
  },
  'Fn::If'(argument, context) {
    const [condition, yes, no] = Array.isArray(argument) ? argument : [];
    return resolveInner(holds(String(condition), context) ? yes : no, context);
  },
  'Fn::FindInMap'(argument, context) {
    const [map, first, second] = list(argument, context, 'Fn::FindInMap').map(String);
    const level = (context.stack.mappings[map ?? ''] as Json | undefined)?.[first ?? ''] as Json | undefined;
    return found(level?.[second ?? ''], context, `Fn::FindInMap ${map}.${first}.${second}`);
  },
  'Fn::ToJsonString': (argument, context) => JSON.stringify(resolveValue(argument, context)),
  Condition: (argument, context) => holds(String(argument), context),
  'Fn::Equals'(argument, context) {
    const [left, right] = pair(argument, context, 'Fn::Equals');
    const same = (value: JsonValue) => JSON.stringify(resolveValue(value, context));
    return same(left) === same(right);
  },
  'Fn::And': (argument, context) => list(argument, context, 'Fn::And').every((item) => item === true),
  'Fn::Or': (argument, context) => list(argument, context, 'Fn::Or').some((item) => item === true),
  'Fn::Not': (argument, context) => list(argument, context, 'Fn::Not')[0] !== true,
};

function holds(condition: string, context: Context): boolean {
  const definition = context.stack.conditions[condition];
  if (definition === undefined) throw new TemplateError(context.where, `unknown condition ${condition}`);
  return resolveValue(definition, at(context, `Conditions.${condition}`)) === true;
}

function found(value: JsonValue, context: Context, what: string): JsonValue {
  if (value === undefined) throw new TemplateError(context.where, `${what} has no value on this machine`);
  return value;
}

function text(value: JsonValue, context: Context): string {
  const resolved = resolveValue(value, context);
  if (typeof resolved === 'string' || typeof resolved === 'number' || typeof resolved === 'boolean') {
    return String(resolved);
  }
  throw new TemplateError(context.where, 'expected a text');
}

function list(value: JsonValue, context: Context, what: string): JsonValue[] {
  const resolved = resolveValue(value, context);
  if (!Array.isArray(resolved)) throw new TemplateError(context.where, `${what} needs a list`);
  return resolved;
}

function pair(argument: JsonValue, context: Context, what: string): [JsonValue, JsonValue] {
  if (!Array.isArray(argument) || argument.length !== 2) {
    throw new TemplateError(context.where, `${what} needs two arguments`);
  }
  return [argument[0], argument[1]];
}

function at(context: Context, step: string): Context {
  return { ...context, where: `${context.where}.${step}` };
}
