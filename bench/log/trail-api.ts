import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { HttpHandler } from '../../shared/lambda/http.ts';
import { TABLES, type TableName } from '../../shared/store/keys.ts';
import type { TestIssuer } from '../../test/kit/issuer.ts';
import type { Tables } from './tables.ts';

/** A list of entries as an auditor is answered it. */
export interface Page {
  data: { index: number }[];
  next_cursor: string | null;
}

const PATH = '/v1/audit/entries';

/**
 * The function behind `GET /v1/audit/entries`, by its real entry and on these tables, called as API Gateway calls it: token, role,
 * question, and the record of the reading that the trail is told. The environment is read while it is loaded, so each has its own.
 */
export async function trailApi(
  endpoint: string,
  tables: Tables,
  issuer: TestIssuer,
): Promise<(query: string) => Promise<Page>> {
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    // Nothing in it is asked for: the leaves are older than what the indexes are not relied on for, and their rows stand.
    LOG_BUCKET: 'none',
    AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1',
    EXPORTS_QUEUE_URL: 'http://127.0.0.1:1/exports',
    ISSUER_URL: issuer.issuer,
    JWKS_URL: issuer.jwksUri,
    TOKEN_AUDIENCE: issuer.audience,
    ...Object.fromEntries(
      (Object.keys(TABLES) as TableName[]).map((name) => [TABLES[name].env, tables[name]]),
    ),
  });
  const { handler } = (await import(`../../functions/audit/ask/query.ts?${tables.audit}`)) as {
    handler: HttpHandler;
  };
  const token = await issuer.token({ subject: 'auditor', roles: ['auditor'] });
  return async (query) => {
    const { statusCode, body = '' } = await handler(eventOf(query, token), undefined as never);
    if (statusCode !== 200) throw new Error(`${query} was answered ${statusCode}: ${body}`);
    return JSON.parse(body) as Page;
  };
}

const eventOf = (query: string, token: string): APIGatewayProxyEventV2 => ({
  version: '2.0',
  routeKey: `GET ${PATH}`,
  rawPath: PATH,
  rawQueryString: query,
  queryStringParameters: Object.fromEntries(new URLSearchParams(query)),
  headers: { authorization: `Bearer ${token}` },
  isBase64Encoded: false,
  requestContext: {
    accountId: '000000000000',
    apiId: 'bench',
    domainName: 'bench',
    domainPrefix: 'bench',
    http: { method: 'GET', path: PATH, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'bench' },
    requestId: crypto.randomUUID(),
    routeKey: `GET ${PATH}`,
    stage: '$default',
    time: '',
    timeEpoch: Date.now(),
  },
});
