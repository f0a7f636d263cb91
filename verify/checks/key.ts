import { type Policy, parsePolicy } from '../../shared/tlog/policy.ts';
import { ED25519 } from '../../shared/tlog/signed-message.ts';
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from '../../shared/tlog/verifier-key.ts';
import type { About } from '../about.ts';
import type { Folder } from '../folder/folder.ts';
import type { Ledger } from '../ledger.ts';

export const about = {
  name: 'key',
  proves:
    'The signatures were checked with the key that you gave, and the folder and the policy name the same one.',
  cannot:
    'Without --key the key comes out of the folder itself: everything then only hangs together. Compare it with one that you got on another way.',
  means:
    'The log shows another key than the one you trust: it may be another log, or somebody wrote a second one.',
  todo: 'Ask on another way for the key. If it was changed on purpose, verify the old log with the old key and the new one with the new.',
} as const satisfies About;

/** Whose signatures count. */
export interface Trust {
  log: VerifierKey;
  policy?: Policy;
  /** Whether the policy is the auditor's own, or what the folder says of itself. */
  ownPolicy: boolean;
}

const MAX_KEY_BYTES = 4096;
const MAX_POLICY_BYTES = 1 << 20;

/** @param given what the auditor brought: the text of a key, the text of a policy. */
export function readTrust(
  folder: Folder,
  given: { key?: string; policy?: string },
  ledger: Ledger,
): Trust | null {
  const inFolder = text(folder, 'key', MAX_KEY_BYTES);
  const vkey = given.key ?? inFolder;
  if (vkey === null) {
    ledger.cannot('key', 'there is no key: give one with --key');
    return null;
  }
  const log = keyOf(vkey);
  if (log === null) {
    if (given.key === undefined) ledger.find('key', 'key', 'is no verifier key of an Ed25519 log');
    else ledger.cannot('key', 'what was given as --key is no verifier key of an Ed25519 log');
    return null;
  }
  if (given.key === undefined)
    ledger.note(
      'key',
      `The key was taken out of the folder. Compare it with one you got elsewhere: ${nameOf(log)}`,
    );
  else if (inFolder !== null && !isSame(keyOf(inFolder), log))
    ledger.find('key', 'key', `the folder says ${inFolder.trim()}, you gave ${nameOf(log)}`);
  ledger.done('key', { name: log.name, id: log.keyId });
  return withPolicy(folder, given.policy, log, ledger);
}

function withPolicy(folder: Folder, own: string | undefined, log: VerifierKey, ledger: Ledger): Trust | null {
  const ownPolicy = own !== undefined;
  const source = own ?? text(folder, 'policy', MAX_POLICY_BYTES);
  if (source === null) return { log, ownPolicy };
  const read = parsePolicy(source);
  if (!read.ok) {
    const [{ line, reason } = { line: 1, reason: 'is none' }] = read.errors;
    if (ownPolicy) {
      ledger.cannot('witness-quorum', `the policy given can not be read: line ${line}: ${reason}`);
      return null;
    }
    ledger.find('witness-quorum', `policy, line ${line}`, reason);
    return { log, ownPolicy };
  }
  if (!read.policy.logs.some(({ key }) => isSame(key, log)))
    ledger.find('key', 'policy', `the policy does not name this log's key ${nameOf(log)}`);
  return { log, policy: read.policy, ownPolicy };
}

const nameOf = ({ name, algorithm, publicKey }: VerifierKey): string =>
  formatVerifierKey(name, algorithm, publicKey);

const isSame = (one: VerifierKey | null, other: VerifierKey): boolean =>
  one !== null && nameOf(one) === nameOf(other);

/** A key as a file holds it, with or without a newline at its end. */
function keyOf(source: string): VerifierKey | null {
  const read = parseVerifierKey(source.replace(/\r?\n$/, ''));
  return read.ok && read.key.algorithm === ED25519 ? read.key : null;
}

function text(folder: Folder, path: string, most: number): string | null {
  const bytes = folder.read(path, most);
  return bytes === null ? null : Buffer.from(bytes).toString();
}
