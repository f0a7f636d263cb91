import { generateKeyPairSync } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Keys } from '../../../../local/host/kms/keys.ts';
import { type Kms, startKms } from '../../../../local/host/kms/server.ts';

const pair = generateKeyPairSync('ed25519');
const arn = 'arn:aws:kms:eu-west-1:000000000000:key/signer';
const keys: Keys = {
  find: (id) =>
    id === 'cipher'
      ? 'other'
      : id === 'signer'
        ? { keyId: 'signer', arn, allows: () => true, ...pair }
        : undefined,
};

let kms: Kms;
let client: KMSClient;

beforeAll(async () => {
  kms = await startKms(keys, () => undefined);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new KMSClient({ endpoint: kms.url, region: 'eu-west-1', credentials, maxAttempts: 1 });
});

afterAll(() => kms.close());

const sign = (KeyId: string, more: object = {}) =>
  client.send(
    new SignCommand({
      ...{ KeyId, Message: Buffer.from('m'), MessageType: 'RAW', SigningAlgorithm: 'ED25519_SHA_512' },
      ...more,
    }),
  );

it('describes the public key as KMS does', async () => {
  expect(await client.send(new GetPublicKeyCommand({ KeyId: 'signer' }))).toMatchObject({
    KeyId: arn,
    KeySpec: 'ECC_NIST_EDWARDS25519',
    KeyUsage: 'SIGN_VERIFY',
    SigningAlgorithms: expect.arrayContaining(['ED25519_SHA_512']),
    PublicKey: new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' })),
  });
});

it.each([
  ['an unknown key', 'nobody', {}, 'NotFoundException'],
  ['a key for encryption', 'cipher', {}, 'InvalidKeyUsageException'],
  ['another algorithm', 'signer', { SigningAlgorithm: 'ECDSA_SHA_256' }, 'InvalidKeyUsageException'],
  ['a digest', 'signer', { MessageType: 'DIGEST' }, 'ValidationException'],
  ['4,097 bytes', 'signer', { Message: new Uint8Array(4097) }, 'ValidationException'],
])('does not sign: %s', async (_, key, more, name) => {
  await expect(sign(key, more)).rejects.toMatchObject({ name });
});

it('signs 4,096 bytes', async () => {
  expect((await sign('signer', { Message: new Uint8Array(4096) })).Signature).toHaveLength(64);
});
