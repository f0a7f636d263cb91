import { createPublicKey } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import type { Signer } from '../tlog/signer.ts';

/** Signs with an Ed25519 key that the key service holds (ECC_NIST_EDWARDS25519). */
export function kmsSigner(keyId: string, client: KMSClient = new KMSClient()): Signer {
  let known: Promise<Uint8Array> | undefined;
  const ask = async (): Promise<Uint8Array> => {
    const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId: keyId }));
    if (!PublicKey) throw new Error('the key service gave no public key');
    const jwk = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' }).export({
      format: 'jwk',
    });
    if (jwk.crv !== 'Ed25519' || !jwk.x) throw new Error('the key of the log is not one of Ed25519');
    return Buffer.from(jwk.x, 'base64url');
  };
  return {
    publicKey() {
      known ??= ask().catch((error: unknown) => {
        known = undefined;
        throw error;
      });
      return known;
    },
    async sign(message) {
      const { Signature } = await client.send(
        new SignCommand({
          KeyId: keyId,
          Message: message,
          // A message of the type RAW has at most 4,096 bytes.
          MessageType: 'RAW',
          SigningAlgorithm: 'ED25519_SHA_512',
        }),
      );
      if (Signature?.length !== 64) throw new Error('the key service gave no signature of Ed25519');
      return Signature;
    },
  };
}
