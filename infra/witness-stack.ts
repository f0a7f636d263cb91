import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Config } from './config.ts';
import { makeAlarmTopic } from './constructs/alarm-topic.ts';
import { alarmOnWitness } from './constructs/alarms.ts';
import { makeSigningKey } from './constructs/signing-key.ts';
import { found } from './constructs/surroundings.ts';
import { makeKey, makeTable } from './constructs/table.ts';
import { makeWorkload } from './constructs/workload.ts';

/** A witness of the log. It shares nothing with the other stacks, so that another account, of another organisation, can hold it. */
export class WitnessStack extends Stack {
  /** Where logs ask it for its signature. */
  readonly urls: readonly string[];

  constructor(scope: Construct, id: string, config: Config, props?: StackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const table = makeTable(
      this,
      'witness',
      makeKey(this, 'WitnessKey', 'Followthrough: what was witnessed'),
    );
    const around = {
      tables: { witness: table },
      keys: { witness: makeSigningKey(this, 'WitnessSigningKey', 'Followthrough: signs as a witness') },
    };
    const deployment = { config, alarms: makeAlarmTopic(this) };
    const functions = makeWorkload(this, 'witness', around, deployment);
    alarmOnWitness(found(functions, 'witness-cosign'), deployment);
    this.urls = Object.values(functions).flatMap(({ url }) => (url === undefined ? [] : [url]));
    for (const [at, value] of this.urls.entries()) new CfnOutput(this, `WitnessUrl${at || ''}`, { value });
  }
}
