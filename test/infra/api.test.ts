import { describe, expect, it } from 'vitest';
import { keysOf, ROUTES } from '../../functions/routes.ts';
import { all, at, cloud, functionOf, only, propertiesOf } from '../kit/template.ts';

const api = only('AWS::ApiGatewayV2::Api');
const stage = only('AWS::ApiGatewayV2::Stage');
const answering = [...new Set(ROUTES.map((route) => route.function))];

/** The ARN of the function that a route of the template leads to. */
function functionBehind(routeKey: string): unknown {
  const route = only(
    'AWS::ApiGatewayV2::Route',
    (candidate) => cloud.property(candidate, 'RouteKey') === routeKey,
  );
  const integration = only('AWS::ApiGatewayV2::Integration', (candidate) => {
    const id = cloud.resolve({ Ref: candidate.logicalId }, candidate, 'Ref');
    return cloud.property(route, 'Target') === `integrations/${id}`;
  });
  expect(propertiesOf(integration)).toMatchObject({
    IntegrationType: 'AWS_PROXY',
    PayloadFormatVersion: '2.0',
  });
  return cloud.property(integration, 'IntegrationUri');
}

describe('the API', () => {
  it.each(ROUTES.flatMap(({ route, function: name }) => keysOf(route).map((key) => ({ route: key, name }))))(
    'leads $route to $name',
    ({ route, name }) => {
      expect(functionBehind(route)).toBe(cloud.arnOf(functionOf(name)));
    },
  );

  it('has no other routes', () => {
    const routes = all('AWS::ApiGatewayV2::Route').map((route) => cloud.property(route, 'RouteKey'));
    expect(routes.toSorted()).toEqual(ROUTES.flatMap(({ route }) => keysOf(route)).toSorted());
  });

  it.each(answering)('may call %s, on every route and on the default one', (name) => {
    const permission = only('AWS::Lambda::Permission', (candidate) => {
      const target = cloud.property(candidate, 'FunctionName') === cloud.arnOf(functionOf(name));
      return target && cloud.property(candidate, 'Principal') === 'apigateway.amazonaws.com';
    });
    // `<api>/$default/$default` has one slash less than `<api>/<stage>/GET/v1/…`.
    expect(cloud.property(permission, 'SourceArn')).toMatch(
      new RegExp(`^arn:aws:execute-api:[^:]+:\\d+:${cloud.nameOf(api)}/\\*$`),
    );
  });

  it('bounds what all clients together may ask', () => {
    expect(cloud.property(stage, 'DefaultRouteSettings')).toEqual({
      ThrottlingRateLimit: expect.any(Number),
      ThrottlingBurstLimit: expect.any(Number),
    });
  });

  it('logs each request by its id, without who asked and for what', () => {
    const format = String(at(cloud.property(stage, 'AccessLogSettings'), 'Format'));
    const fields: Record<string, string> = JSON.parse(format);
    expect(fields).toMatchObject({ requestId: '$context.requestId', status: '$context.status' });
    expect(format).not.toMatch(/sourceIp|userAgent|authorizer|querystring|\$context\.path/i);
    const logs = only('AWS::Logs::LogGroup', ({ label }) => label === 'Api/AccessLog');
    expect(at(cloud.property(stage, 'AccessLogSettings'), 'DestinationArn')).toBe(cloud.arnOf(logs));
    expect(cloud.property(logs, 'RetentionInDays')).toBeGreaterThan(0);
  });
});
