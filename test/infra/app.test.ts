import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeApp } from '../../infra/app.ts';
import { CONFIG, type Config } from '../../infra/config.ts';

describe('the app', () => {
  let outdir: string;
  beforeEach(() => {
    outdir = mkdtempSync(join(tmpdir(), 'followthrough-synth-'));
  });
  afterEach(() => rmSync(outdir, { recursive: true, force: true }));

  it('needs no account, and has nothing that cdk-nag would find and nobody has answered for', () => {
    const { stacks } = makeApp({ outdir }).synth();
    expect(stacks.map(({ stackName }) => stackName).toSorted()).toEqual([
      'FollowthroughAudit',
      'FollowthroughIdentity',
      'FollowthroughService',
      'FollowthroughStateful',
      'FollowthroughWitness',
    ]);
    for (const { environment } of stacks) expect(environment.account).toBe('unknown-account');
  });

  it('is not synthesised with a finding that nobody has answered for', () => {
    const app = makeApp({ outdir });
    new Bucket(new Stack(app, 'Careless'), 'Open');
    expect(() => app.synth()).toThrow(/AwsSolutions-S10/);
  });

  it('goes where it is told to', () => {
    const { stacks } = makeApp({ outdir, config: { ...CONFIG, region: 'eu-central-1' } }).synth();
    for (const { environment } of stacks) expect(environment.region).toBe('eu-central-1');
  });

  it.each([
    [/ALLOW_LOOPBACK_WEBHOOKS/, { settings: { ...CONFIG.settings, ALLOW_LOOPBACK_WEBHOOKS: 'true' } }],
    [/archiveRetention/, { archiveRetention: Duration.days(36) }],
    [/failureRetention/, { failureRetention: Duration.days(35) }],
    [/logLock/, { logLock: Duration.days(3649) }],
    [
      /WITNESS_LOG_KEY/,
      { settings: { ...CONFIG.settings, WITNESS_LOG_KEY: 'other.example/log+1234abcd+AQ==' } },
    ],
    [/witnessUrls/, { witnessUrls: ['http://witness.example'] }],
  ])('is never deployed against %s', (rule, change: Partial<Config>) => {
    expect(() => makeApp({ outdir, config: { ...CONFIG, ...change } })).toThrow(rule);
  });

  it('asks the witnesses of others instead of its own, where that one is elsewhere', () => {
    const witnessUrls = ['https://one.example/', 'https://two.example/'];
    const config = { ...CONFIG, witnessUrls, asksOwnWitness: false };
    const { stacks } = makeApp({ outdir, config }).synth();
    const audit = stacks.find(({ stackName }) => stackName === 'FollowthroughAudit');
    expect(JSON.stringify(audit?.template)).not.toContain('FollowthroughWitness');
  });
});
