import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, JsonValue } from '../services.ts';

/** One resource of a template, its properties as written (intrinsics unresolved). */
export interface Resource {
  stack: string;
  logicalId: string;
  type: string;
  properties: Json;
  /** Its place in the app for people to read, such as `rollups-project`; the logical id where none is known. */
  label: string;
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
      const template = readJson(join(folder, String(properties['templateFile'])));
      const metadata = artifact['additionalMetadataFile'];
      const labels = readLabels(typeof metadata === 'string' ? readJson(join(folder, metadata)) : {});
      stacks.set(name, readStack(name, template, labels));
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

function readStack(name: string, template: Json, labels: Map<string, string>): Stack {
  const resources = new Map<string, Resource>();
  for (const [logicalId, raw] of Object.entries((template['Resources'] ?? {}) as Record<string, Json>)) {
    const properties = (raw['Properties'] ?? {}) as Json;
    const condition = raw['Condition'] === undefined ? {} : { condition: String(raw['Condition']) };
    const label = labels.get(logicalId) ?? logicalId;
    const type = String(raw['Type']);
    resources.set(logicalId, { stack: name, logicalId, label, type, properties, ...condition });
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

/** Construct paths by logical id, without the stack and the ends that every path has. */
function readLabels(metadata: Json): Map<string, string> {
  const labels = new Map<string, string>();
  for (const [path, entries] of Object.entries(metadata)) {
    if (!Array.isArray(entries)) continue;
    const entry = (entries as Json[]).find(({ type }) => type === 'aws:cdk:logicalId');
    const [, , ...steps] = path.split('/');
    if (steps.at(-1) === 'Resource') steps.pop();
    if (steps.length > 1 && /^(Function|Queue)$/.test(steps.at(-1) ?? '')) steps.pop();
    if (entry && steps.length > 0) labels.set(String(entry['data']), steps.join('/'));
  }
  return labels;
}

function readJson(path: string): Json {
  return JSON.parse(readFileSync(path, 'utf8')) as Json;
}
