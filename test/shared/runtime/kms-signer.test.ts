import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto';
import { KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Kms, startKms } from '../../../local/host/kms/server.ts';
import { kmsSigner } from '../../../shared/runtime/kms-signer.ts';
import { signNote, verifyNote } from '../../../shared/tlog/note.ts';
import { ED25519 } from '../../../shared/tlog/signed-message.ts';
import { verifierKey } from '../../../shared/tlog/verifier-key.ts';

const pairs: Record<string, KeyPairKeyObjectResult> = { log: generateKeyPairSync('ed25519') };
const ARN = 'arn:aws:kms:eu-west-1:000000000000:key/log';
let kms: Kms;
let client: KMSClient;

beforeAll(async () => {
  kms = await startKms(
    {
      find: (keyId) => {
        const pair = pairs[keyId];
        return pair && { keyId, arn: ARN, allows: () => true, ...pair };
      },
    },
    () => undefined,
  );
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new KMSClient({ endpoint: kms.url, region: 'eu-west-1', credentials, maxAttempts: 1 });
});
afterAll(() => kms.close());

it('signs notes that open with the key it tells', async () => {
  const signer = kmsSigner('log', client);
  const publicKey = await signer.publicKey();
  expect(publicKey).toHaveLength(32);
  const note = await signNote('followthrough.test\n1\n', 'followthrough.test', signer);
  const opened = verifyNote(note, [verifierKey('followthrough.test', ED25519, publicKey)]);
  expect(opened).toMatchObject({ ok: true, text: 'followthrough.test\n1\n' });
});

it('asks for the key once, and again where it got no answer', async () => {
  const signer = kmsSigner('later', client);
  await expect(signer.publicKey()).rejects.toThrow();
  pairs['later'] = generateKeyPairSync('ed25519');
  const key = await signer.publicKey();
  delete pairs['later'];
  expect(await signer.publicKey()).toBe(key);
});
