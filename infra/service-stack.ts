import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { AuditStack } from './audit-stack.ts';
import { Api } from './constructs/api.ts';
import type { Issuer } from './constructs/surroundings.ts';
import { makeWorkload } from './constructs/workload.ts';
import type { StatefulStack } from './stateful-stack.ts';

/** What can be thrown away and deployed again: the API, and the functions with their queues, rules and schedules. */
export class ServiceStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { stateful, audit, issuer }: { stateful: StatefulStack; audit: AuditStack; issuer: Issuer },
    props?: StackProps,
  ) {
    super(scope, id, props);
    const { bus, deployment, failures, tables } = stateful;
    const own = makeWorkload(this, undefined, { tables, bus, issuer, failures }, deployment);
    const lambdas = Object.entries({ ...own, ...audit.functions }).map(([name, { lambda }]) => [
      name,
      lambda,
    ]);
    const { api } = new Api(this, 'Api', Object.fromEntries(lambdas), deployment);
    new CfnOutput(this, 'ApiUrl', { value: api.apiEndpoint });
  }
}
