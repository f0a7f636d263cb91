import { createPublicKey, verify } from 'node:crypto';
import { globSync, statSync } from 'node:fs';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../../local/host/host.ts';
import type { Json } from '../../../local/host/services.ts';
import { changed, type System, startSystem } from './fixture/system.ts';

let system: System;
let host: Host;

beforeAll(async () => {
  system = await startSystem();
  host = await system.start();
});

afterAll(async () => {
  await host?.stop();
  await system?.end();
});

interface Told {
  answer?: unknown;
  error?: string;
  message?: string;
}

const vault = async (operation: string, more: object = {}) =>
  (await host.invoke('vault', { operation, ...more })) as Told;

describe('the bucket of a log', () => {
  const locked = (key: string, more: object = {}) => ({ bucket: 'LOCKED', key, body: key, ...more });

  it('takes a new key, once, and only under the condition that the bucket policy asks for', async () => {
    expect((await vault('put', locked('tile/0/000', { ifNoneMatch: '*' }))).error).toBeUndefined();
    expect((await vault('put', locked('tile/0/000', { ifNoneMatch: '*' }))).error).toBe('PreconditionFailed');
    const unconditional = await vault('put', locked('tile/0/001'));
    expect(unconditional.error).toBe('AccessDenied');
    expect(unconditional.message).toMatch(/s3:PutObject on resource: .*tile\/0\/001 with an explicit deny/);
    expect((await vault('put', { ...locked('anything'), bucket: 'OPEN' })).error).toBeUndefined();
  });

  it('lists what comes after a key', async () => {
    for (const key of ['checkpoints/2', 'checkpoints/10'])
      await vault('put', locked(key, { ifNoneMatch: '*' }));
    expect((await vault('list', locked('checkpoints/10'))).answer).toEqual(['checkpoints/2', 'tile/0/000']);
  });

  it('is not deleted from by a role without the right', async () => {
    const refused = await vault('delete', locked('tile/0/000'));
    expect(refused).toMatchObject({
      error: 'AccessDeniedException',
      message: expect.stringContaining('s3:DeleteObject'),
    });
  });

  it('is kept from a link too: it does what the role of its function may', async () => {
    const read = String((await vault('linkGet', locked('tile/0/000'))).answer);
    expect(await (await fetch(read)).text()).toBe('tile/0/000');
    const removal = String((await vault('linkDelete', { bucket: 'OPEN', key: 'anything' })).answer);
    const refused = await fetch(removal, { method: 'DELETE' });
    expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('s3:DeleteObject')]);
  });

  it('reaches the server behind: a stranger with the disk sees the same objects', async () => {
    const names = await (await fetch(system.endpoints.s3)).text();
    const bucket = /<Name>([^<]*locked[^<]*)<\/Name>/.exec(names)?.[1];
    expect(await (await fetch(`${system.endpoints.s3}/${bucket}/tile/0/000`)).text()).toBe('tile/0/000');
    expect((await fetch(`${host.urls.objects}/${bucket}/tile/0/000`)).status).toBe(403);
  });
});

describe('a key', () => {
  const publicKey = async () => String((await vault('publicKey')).answer);

  it('signs what its public key verifies, and stays the same over a restart', async () => {
    const before = await publicKey();
    const key = createPublicKey({ key: Buffer.from(before, 'base64'), format: 'der', type: 'spki' });
    const signature = Buffer.from(String((await vault('sign', { body: 'checkpoint' })).answer), 'base64');
    expect(verify(null, Buffer.from('checkpoint'), key, signature)).toBe(true);
    expect(verify(null, Buffer.from('checkpoinT'), key, signature)).toBe(false);
    await host.stop();
    host = await system.start();
    expect(await publicKey()).toBe(before);
  });

  it('is one file each, for the owner of the data alone', async () => {
    const files = globSync(`${system.dataDir}/keys/*`);
    expect(files.map((file) => file.replace(/.*Vault-/, '').slice(0, 5)).sort()).toEqual([
      'ByRol',
      'Other',
      'Signe',
    ]);
    expect(files.map((file) => (statSync(file).mode & 0o777).toString(8))).toEqual(['600', '600', '600']);
  });

  it('is used by the roles that its policy names, or that have a grant where it leaves them to the account', async () => {
    expect((await vault('sign', { key: 'BY_ROLE', body: 'x' })).error).toBeUndefined();
    const other = await vault('sign', { key: 'OTHER', body: 'x' });
    expect(other.error).toBe('AccessDeniedException');
    expect(other.message).toMatch(
      /role\/.*vault.* is not authorized to perform: kms:Sign on resource: .*Other/,
    );
  });

  it('is not for the account itself to sign with, when its policy says so', async () => {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const root = new KMSClient({ endpoint: host.urls.kms, region: 'eu-west-1', credentials });
    const KeyId = String((await vault('keyId')).answer);
    expect((await root.send(new GetPublicKeyCommand({ KeyId }))).KeySpec).toBe('ECC_NIST_EDWARDS25519');
    const asked = { KeyId, Message: Buffer.from('x'), SigningAlgorithm: 'ED25519_SHA_512' as const };
    await expect(root.send(new SignCommand(asked))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('a function URL', () => {
  it('is known to other functions before anything runs, and gives the event that Lambda gives', async () => {
    const told = (await host.invoke('reader', { path: 'add%20checkpoint?x=1' })) as Json;
    expect(told['url']).toBe(`${host.url}/_functions/vault/`);
    expect(JSON.parse(String(told['body']))).toMatchObject({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/add%20checkpoint',
      rawQueryString: 'x=1',
      queryStringParameters: { x: '1' },
      requestContext: { accountId: 'anonymous', http: { method: 'GET', path: '/add%20checkpoint' } },
      isBase64Encoded: false,
    });
  });

  it('carries bytes both ways, a Location, and a failure', async () => {
    const url = `${host.url}/_functions/vault`;
    const body = new Uint8Array([0, 255, 10]);
    const headers = { 'content-type': 'application/octet-stream' };
    const answer = await fetch(url, { method: 'POST', headers, body });
    expect(answer.headers.get('content-type')).toBe('application/octet-stream');
    const event = (await answer.json()) as Json;
    expect([event['rawPath'], event['isBase64Encoded']]).toEqual(['/', true]);
    expect([...Buffer.from(String(event['body']), 'base64')]).toEqual([...body]);
    const moved = await fetch(`${url}/moved`, { redirect: 'manual' });
    expect([moved.status, moved.headers.get('location')]).toEqual([307, 'http://elsewhere/a?b=c']);
    expect((await fetch(`${url}/throws`)).status).toBe(502);
    expect((await fetch(`${host.url}/_functions/another/`)).status).toBe(404);
    const large = await fetch(url, { method: 'POST', headers, body: new Uint8Array(6 * 1024 * 1024 + 1) });
    expect(large.status).toBe(413);
  });

  it.each(['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'])(
    'needs the permission %s',
    async (action) => {
      const assembly = changed(system, (resource) => {
        const properties = resource['Properties'] as Json;
        if (resource['Type'] !== 'AWS::Lambda::Permission' || properties['Principal'] !== '*') return;
        if (properties['Action'] === action) properties['Principal'] = '000000000000';
      });
      await expect(system.start({ assembly })).rejects.toThrow(
        /vault does not let anyone in through its function URL/,
      );
    },
  );
});

it('a policy condition that the host cannot check stops the start', async () => {
  const assembly = changed(system, (resource) => {
    if (resource['Type'] !== 'AWS::S3::BucketPolicy') return;
    const [statement] = ((resource['Properties'] as Json)['PolicyDocument'] as Json)['Statement'] as Json[];
    Object.assign(statement ?? {}, { Condition: { Bool: { 's3:x-amz-whatever': 'true' } } });
  });
  await expect(system.start({ assembly })).rejects.toThrow(
    /cannot check the policy condition Bool s3:x-amz-whatever/,
  );
});
