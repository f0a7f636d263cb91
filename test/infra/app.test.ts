import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeApp } from '../../infra/app.ts';
import { CONFIG } from '../../infra/config.ts';

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

  it('is never deployed so that webhooks may call loopback', () => {
    const settings = { ...CONFIG.settings, ALLOW_LOOPBACK_WEBHOOKS: 'true' };
    expect(() => makeApp({ outdir, config: { ...CONFIG, settings } })).toThrow(/ALLOW_LOOPBACK_WEBHOOKS/);
  });
});
