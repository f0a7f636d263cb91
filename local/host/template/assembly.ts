import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, JsonValue } from '../services.ts';

/** One resource of a template, its properties as written (intrinsics unresolved). */
export interface Resource {
  stack: string;
  logicalId: string;
  type: string;
  properties: Json;
  /** Name of the template's condition under which it exists. */
  condition?: string;
}

export interface Stack {
  name: string;
  parameters: Record<string, { Default?: JsonValue }>;
  conditions: Json;
  mappings: Json;
  resources: Map<string, Resource>;
  exports: Map<string, JsonValue>;
}

/** The synthesised cloud assembly: its stacks, and where the asset of each hash lies. */
export interface Assembly {
  stacks: Map<string, Stack>;
  assets: Map<string, string>;
}

/** Reads `manifest.json`, every stack template and every asset manifest of a `cdk.out`. */
export function loadAssembly(folder: string): Assembly {
  const manifestPath = join(folder, 'manifest.json');
  if (!existsSync(manifestPath)) {
    throw new Error(`no cloud assembly in ${folder}: run \`npm run synth\` first`);
  }
  const stacks = new Map<string, Stack>();
  const assets = new Map<string, string>();
  for (const [id, artifact] of Object.entries(readJson(manifestPath).artifacts as Record<string, Json>)) {
    const properties = (artifact['properties'] ?? {}) as Json;
    if (artifact['type'] === 'aws:cloudformation:stack') {
      const name = String(properties['stackName'] ?? id);
      stacks.set(name, readStack(name, readJson(join(folder, String(properties['templateFile'])))));
    } else if (artifact['type'] === 'cdk:asset-manifest') {
      const files = (readJson(join(folder, String(properties['file']))).files ?? {}) as Record<string, Json>;
      for (const [hash, file] of Object.entries(files)) {
        const source = file['source'] as Json;
        assets.set(hash, join(folder, String(source['path'])));
      }
    }
  }
  return { stacks, assets };
}

function readStack(name: string, template: Json): Stack {
  const resources = new Map<string, Resource>();
  for (const [logicalId, raw] of Object.entries((template['Resources'] ?? {}) as Record<string, Json>)) {
    const properties = (raw['Properties'] ?? {}) as Json;
    const condition = raw['Condition'] === undefined ? {} : { condition: String(raw['Condition']) };
    resources.set(logicalId, { stack: name, logicalId, type: String(raw['Type']), properties, ...condition });
  }
  const exports = new Map<string, JsonValue>();
  for (const output of Object.values((template['Outputs'] ?? {}) as Record<string, Json>)) {
    const exported = output['Export'] as Json | undefined;
    if (exported) exports.set(String(exported['Name']), output['Value']);
  }
  return {
    name,
    parameters: (template['Parameters'] ?? {}) as Stack['parameters'],
    conditions: (template['Conditions'] ?? {}) as Json,
    mappings: (template['Mappings'] ?? {}) as Json,
    resources,
    exports,
  };
}

function readJson(path: string): Json {
  return JSON.parse(readFileSync(path, 'utf8')) as Json;
}
