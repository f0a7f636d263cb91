import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assemble } from '../local/assembly.ts';
import { type Host, startHost } from '../local/host/host.ts';
import { fetchIdToken } from '../local/identity/code-flow.ts';
import { CLIENT_ID, startIssuer } from '../local/identity/issuer.ts';
import { startDynamoDb } from '../local/services/dynamodb.ts';
import { freePort } from '../local/services/ports.ts';
import { startQueues } from '../local/services/queues.ts';
import { startWriteRecorder, type WriteRecorder } from './write-recorder.ts';

/** The real bundles on the real host, in this process, with a recorder between them and DynamoDB Local. */
export interface RecordedHost {
  host: Host;
  recorder: WriteRecorder;
  token(person: string): Promise<string>;
  stop(): Promise<void>;
}

export async function startRecordedHost(): Promise<RecordedHost> {
  const dataDir = mkdtempSync(join(tmpdir(), 'followthrough-bench-'));
  const stops: (() => Promise<unknown>)[] = [
    async () => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 }),
  ];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const { folder } = await assemble();
    const dynamodb = await startDynamoDb({ dataDir, port: await freePort(), quick: true, inMemory: true });
    stops.push(dynamodb.stop);
    const queues = await startQueues({ dataDir, port: await freePort() });
    stops.push(queues.stop);
    const issuer = await startIssuer({ dataDir, port: await freePort() });
    stops.push(issuer.stop);
    const recorder = await startWriteRecorder(dynamodb.url);
    stops.push(recorder.stop);
    const host = await startHost({
      assembly: folder,
      endpoints: { dynamodb: recorder.url, sqs: queues.sqsUrl, s3: queues.s3Url, issuer: issuer.url },
      dataDir,
      httpPort: 0,
      environment: {
        ISSUER_URL: issuer.url,
        JWKS_URL: issuer.jwksUrl,
        TOKEN_AUDIENCE: CLIENT_ID,
        ALLOW_LOOPBACK_WEBHOOKS: 'true',
      },
    });
    stops.push(host.stop);
    return { host, recorder, token: (person) => fetchIdToken(issuer.url, person), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
