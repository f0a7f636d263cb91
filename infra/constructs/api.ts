import { Stack, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnIntegration,
  CfnRoute,
  HttpApi,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnPermission, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { keysOf, ROUTES } from '../../functions/routes.ts';
import { alarmOnApi } from './alarms.ts';
import { type Deployment, found } from './surroundings.ts';

/** No query string and no address: a log of reads is not to become a list of who read what. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    time: '$context.requestTime',
    route: '$context.routeKey',
    status: '$context.status',
    bytes: '$context.responseLength',
    milliseconds: '$context.responseLatency',
    integrationError: '$context.integrationErrorMessage',
  }),
);

/** The HTTP API: every route of the table of routes, each to its function. */
export class Api extends Construct {
  readonly api: HttpApi;

  constructor(
    scope: Construct,
    id: string,
    functions: Partial<Record<string, IFunction>>,
    deployment: Deployment,
  ) {
    super(scope, id);
    const { throttle, logRetention } = deployment.config;
    this.api = new HttpApi(this, 'Http', { apiName: 'followthrough', createDefaultStage: false });
    new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle,
      accessLogSettings: {
        destination: new LogGroupLogDestination(new LogGroup(this, 'AccessLog', { retention: logRetention })),
        format: ACCESS_LOG,
      },
    });
    for (const name of new Set(ROUTES.map((route) => route.function)))
      this.open(name, found(functions, name));
    alarmOnApi(this.api, deployment);
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason:
        'Each function verifies the bearer token itself, so that a refusal has a problem document, a request id and an entry in the audit trail; public reads need no token.',
    });
  }

  /** One integration and one permission for each function, however many routes it answers. */
  private open(name: string, lambda: IFunction): void {
    const integration = new CfnIntegration(this, `${name}-integration`, {
      apiId: this.api.apiId,
      integrationType: 'AWS_PROXY',
      integrationUri: lambda.functionArn,
      payloadFormatVersion: '2.0',
    });
    new CfnPermission(this, `${name}-permission`, {
      action: 'lambda:InvokeFunction',
      functionName: lambda.functionArn,
      principal: new ServicePrincipal('apigateway.amazonaws.com').service,
      sourceArn: Stack.of(this).formatArn({
        service: 'execute-api',
        resource: this.api.apiId,
        resourceName: '*',
      }),
    });
    const routes = ROUTES.filter((candidate) => candidate.function === name);
    for (const routeKey of routes.flatMap(({ route }) => keysOf(route)))
      new CfnRoute(this, routeKey, {
        apiId: this.api.apiId,
        routeKey,
        target: `integrations/${integration.ref}`,
      });
  }
}
