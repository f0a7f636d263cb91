import { resolve } from 'node:path';
import { App, Tags, Validations } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { AwsSolutionsChecks } from 'cdk-nag';
import { AuditStack } from './audit-stack.ts';
import { CONFIG, type Config, checked } from './config.ts';
import { IdentityStack } from './identity-stack.ts';
import { ServiceStack } from './service-stack.ts';
import { StatefulStack } from './stateful-stack.ts';
import { WitnessStack } from './witness-stack.ts';

export interface SynthOptions {
  /** Where the cloud assembly goes. Default: what the CDK's own command asks for, else `cdk.out`. */
  outdir?: string;
  config?: Config;
}

const ROOT = resolve(import.meta.dirname, '..');

/**
 * Makes the stacks and writes their templates, with no account and no network; the functions have to be built.
 * @throws Error where a finding of cdk-nag is not acknowledged.
 */
export const synth = (options?: SynthOptions): CloudAssembly => makeApp(options).synth();

export function makeApp({ outdir, config = CONFIG }: SynthOptions = {}): App {
  checked(config);
  const app = new App({
    outdir: outdir ?? process.env['CDK_OUTDIR'] ?? resolve(ROOT, 'cdk.out'),
    analyticsReporting: false,
    treeMetadata: false,
  });
  // A table under a customer's key needs to know its region; the account is whoever deploys.
  const props = { env: { region: String(app.node.tryGetContext('region') ?? config.region) } };
  const stateful = new StatefulStack(app, 'FollowthroughStateful', config, props);
  const { issuer } = new IdentityStack(app, 'FollowthroughIdentity', props);
  const witness = new WitnessStack(app, 'FollowthroughWitness', config, props);
  const witnesses = [...(config.asksOwnWitness ? witness.urls : []), ...config.witnessUrls];
  const audit = new AuditStack(app, 'FollowthroughAudit', { stateful, issuer, witnesses }, props);
  new ServiceStack(app, 'FollowthroughService', { stateful, audit, issuer }, props);
  Tags.of(app).add('application', 'followthrough');
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}

if (import.meta.main) {
  const began = performance.now();
  const { directory, stacks } = synth();
  for (const { stackName, template } of stacks)
    console.log(`${stackName.padEnd(24)}${Object.keys(template.Resources).length} resources`);
  console.log(`synthesised to ${directory} in ${Math.round(performance.now() - began)} ms`);
}
