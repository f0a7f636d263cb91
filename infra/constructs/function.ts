import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import {
  type IRole,
  PolicyDocument,
  type PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  FunctionUrlAuthType,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { FUNCTIONS, type FunctionName, type FunctionWiring, SCHEDULES } from '../../functions/wiring.ts';
import { BUNDLES } from '../build.ts';
import { alarmOnAddress, alarmOnFunction } from './alarms.ts';
import { acknowledgeObjectKeys } from './bucket.ts';
import { environmentOf } from './environment.ts';
import { grantsOf } from './grants.ts';
import { letSign } from './signing-key.ts';
import { type Deployment, found, type Surroundings } from './surroundings.ts';

/**
 * A function as the wiring names it. Its role may do what the wiring grants and nothing else; the grants stand in the
 * role itself, so that there is no moment at which the function has the role and not its grants.
 */
export class WiredFunction extends Construct {
  readonly name: FunctionName;
  readonly lambda: LambdaFunction;
  readonly logGroup: LogGroup;
  /** Its own address, where the wiring gives it one. */
  readonly url?: string;

  constructor(scope: Construct, name: FunctionName, around: Surroundings, deployment: Deployment) {
    super(scope, name);
    const { config } = deployment;
    this.name = name;
    const wiring: FunctionWiring = FUNCTIONS[name];
    this.logGroup = new LogGroup(this, 'Logs', { retention: config.logRetention });
    this.lambda = new LambdaFunction(this, 'Function', {
      description: `Followthrough ${name}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(join(BUNDLES, name)),
      memorySize: wiring.memory,
      timeout: Duration.seconds(wiring.timeout),
      environment: environmentOf(wiring, around, config.settings),
      role: makeRole(this, grantsOf(name, around, this.logGroup)),
      logGroup: this.logGroup,
      ...(wiring.url && { reservedConcurrentExecutions: config.openConcurrency }),
    });
    if (wiring.signs) letSign(found(around.keys, wiring.signs), String(this.lambda.role?.roleArn));
    if (wiring.url) {
      this.url = this.lambda.addFunctionUrl({ authType: FunctionUrlAuthType.NONE }).url;
      alarmOnAddress(this.lambda, deployment);
    }
    for (const { bucket } of wiring.buckets ?? []) acknowledgeObjectKeys(this, found(around.buckets, bucket));
    const schedules: Partial<Record<FunctionName, { everyMinutes: number }>> = SCHEDULES;
    alarmOnFunction(this.lambda, deployment, { rare: (schedules[name]?.everyMinutes ?? 1) > 1 });
  }
}

function makeRole(scope: Construct, statements: PolicyStatement[]): IRole {
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: { Grants: new PolicyDocument({ statements }) },
  });
  // What CDK would add of its own stands in the grants already, without the wildcards.
  return role.withoutPolicyUpdates();
}
