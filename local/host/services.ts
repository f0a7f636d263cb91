import { Agent, request } from 'node:http';

/** Base URLs, on loopback, of the services the host runs the template against. */
export interface Endpoints {
  dynamodb: string;
  sqs: string;
  s3: string;
  issuer?: string;
}

export const region = 'eu-west-1';
export const account = '000000000000';

/** DynamoDB Local keeps one database per access key: the host and the functions use the same one. */
export const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

/** An error answered by a service: `code` is its exception name, such as `ResourceNotFoundException`. */
export class ServiceError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status: number) {
    super(`${code}: ${message}`);
    this.name = 'ServiceError';
    this.code = code;
    this.status = status;
  }
}

export interface Services {
  dynamodb(operation: string, body: object): Promise<Json>;
  streams(operation: string, body: object): Promise<Json>;
  sqs(operation: string, body: object, signal?: AbortSignal): Promise<Json>;
  s3(method: string, path: string, body?: string): Promise<number>;
  close(): void;
}

export type Json = { [name: string]: JsonValue };
export type JsonValue = string | number | boolean | null | undefined | JsonValue[] | Json;

/**
 * The host's own calls, as plain JSON over one keep-alive agent: the answers of DynamoDB streams are then
 * already in the form Lambda delivers, and nothing of the SDK has to be loaded to start.
 */
export function connectServices(endpoints: Endpoints): Services {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });

  async function json(base: string, service: string, target: string, body: object, signal?: AbortSignal) {
    const answer = await send(agent, base, {
      method: 'POST',
      path: '/',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': target,
        authorization: authorization(service),
      },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    });
    const parsed: Json = answer.body === '' ? {} : JSON.parse(answer.body);
    if (answer.status < 300) return parsed;
    const type = String(parsed['__type'] ?? 'UnknownError');
    throw new ServiceError(
      type.slice(type.indexOf('#') + 1),
      String(parsed['message'] ?? parsed['Message'] ?? ''),
      answer.status,
    );
  }

  return {
    dynamodb: (operation, body) =>
      json(endpoints.dynamodb, 'dynamodb', `DynamoDB_20120810.${operation}`, body),
    streams: (operation, body) =>
      json(endpoints.dynamodb, 'dynamodb', `DynamoDBStreams_20120810.${operation}`, body),
    sqs: (operation, body, signal) => json(endpoints.sqs, 'sqs', `AmazonSQS.${operation}`, body, signal),
    async s3(method, path, body = '') {
      const headers = { 'content-type': 'application/json', authorization: authorization('s3') };
      const answer = await send(agent, endpoints.s3, { method, path, headers, body });
      return answer.status;
    },
    close: () => agent.destroy(),
  };
}

/** Local services read the key and the region from here; none checks the signature. */
export function authorization(service: string): string {
  const scope = `${credentials.accessKeyId}/20260101/${region}/${service}/aws4_request`;
  return `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
}

interface Call {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
  signal?: AbortSignal;
}

function send(agent: Agent, base: string, call: Call): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const options = {
      agent,
      host: hostname,
      port,
      method: call.method,
      path: call.path,
      headers: { ...call.headers, 'content-length': Buffer.byteLength(call.body) },
      ...(call.signal && { signal: call.signal }),
    };
    const outgoing = request(options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') });
      });
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      // The service closed a kept connection just as it was taken again: it has not seen the call.
      if (outgoing.reusedSocket && error.code === 'ECONNRESET') send(agent, base, call).then(resolve, reject);
      else reject(error);
    });
    outgoing.end(call.body);
  });
}
