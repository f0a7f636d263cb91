import { sign } from 'node:crypto';
import { type Caller, rootArn } from '../grants/caller.ts';
import type { Json, JsonValue } from '../services.ts';
import type { Keys, SigningKey } from './keys.ts';

/** An error as KMS answers it: `code` is the name of the exception. */
export class KmsError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'KmsError';
    this.code = code;
  }
}

const algorithm = 'ED25519_SHA_512';
const algorithms = [algorithm, 'ED25519_PH_SHA_512'];
/** KMS takes a raw message of at most 4,096 bytes. */
const longestMessage = 4096;

/**
 * Answers one call of the operations that the host has; `caller` is undefined for the account's root user. Throws `KmsError`.
 * Source: "Sign" and "GetPublicKey" of the KMS API reference.
 */
export function answerKms(keys: Keys, operation: string, body: Json, caller: Caller | undefined): Json {
  const run = operations[operation];
  if (!run) throw new KmsError('UnknownOperationException', `the host does not know kms:${operation}`);
  const key = keyOf(keys, body);
  const need = { action: `kms:${operation}`, resource: key.arn };
  const facts = {
    'kms:signingalgorithm': text(body['SigningAlgorithm']),
    'kms:messagetype': operation === 'Sign' ? (text(body['MessageType']) ?? 'RAW') : undefined,
    'aws:principalarn': caller?.roleArn ?? rootArn,
  };
  if (key.allows(need, caller, facts)) return run(key, body);
  const who = caller?.roleArn ?? rootArn;
  throw new KmsError(
    'AccessDeniedException',
    `${who} is not authorized to perform: ${need.action} on resource: ${need.resource}`,
  );
}

const text = (value: JsonValue) => (typeof value === 'string' ? value : undefined);

const operations: Record<string, (key: SigningKey, body: Json) => Json> = {
  Sign(key, body) {
    const type = body['MessageType'] ?? 'RAW';
    if (body['SigningAlgorithm'] !== algorithm) {
      const asked = String(body['SigningAlgorithm']);
      if (!algorithms.includes(asked)) throw invalidUsage(`Algorithm ${asked} is incompatible with the key.`);
      throw new KmsError('UnsupportedOperationException', `the host does not sign with ${asked}`);
    }
    if (type !== 'RAW') throw validation(`${algorithm} takes messages of type RAW`);
    const message = Buffer.from(String(body['Message'] ?? ''), 'base64');
    if (message.length === 0 || message.length > longestMessage) {
      throw validation(`Message must hold 1 to ${longestMessage} bytes`);
    }
    const Signature = sign(null, message, key.privateKey).toString('base64');
    return { KeyId: key.arn, Signature, SigningAlgorithm: algorithm };
  },
  GetPublicKey(key) {
    return {
      KeyId: key.arn,
      PublicKey: key.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
      CustomerMasterKeySpec: 'ECC_NIST_EDWARDS25519',
      KeySpec: 'ECC_NIST_EDWARDS25519',
      KeyUsage: 'SIGN_VERIFY',
      SigningAlgorithms: algorithms,
    };
  },
};

function keyOf(keys: Keys, body: Json): SigningKey {
  const wanted = String(body['KeyId'] ?? '');
  const found = keys.find(wanted);
  if (found === undefined) throw new KmsError('NotFoundException', `Key '${wanted}' does not exist`);
  if (found === 'other') throw invalidUsage(`${wanted} key usage is ENCRYPT_DECRYPT`);
  return found;
}

const invalidUsage = (message: string) => new KmsError('InvalidKeyUsageException', message);
const validation = (message: string) => new KmsError('ValidationException', message);
