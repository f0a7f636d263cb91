import { type Algorithm, COSIGNATURE_V1, ED25519 } from './signed-message.ts';
import { parseVerifierKey, type VerifierKey } from './verifier-key.ts';

export type PolicyLog = { key: VerifierKey; url?: string };
/** `name` is the witness's within the policy; its key has a name of its own. */
export type PolicyWitness = { name: string; key: VerifierKey; url?: string };
/** Met once `threshold` of the members, witnesses or groups, are. */
export type PolicyGroup = { name: string; threshold: number; members: readonly string[] };

/** Whose signatures make a checkpoint good (C2SP tlog-policy): any one log's and the quorum's. */
export type Policy = {
  logs: readonly PolicyLog[];
  witnesses: readonly PolicyWitness[];
  groups: readonly PolicyGroup[];
  /** The name of a witness or a group, or `none`. */
  quorum: string;
};

/** Lines count from 1; what a file lacks is told of the line after its last. */
export type PolicyError = { line: number; reason: string };

type Draft = { logs: PolicyLog[]; witnesses: PolicyWitness[]; groups: PolicyGroup[]; quorum?: string };
type Statement = (draft: Draft, words: readonly string[]) => string | null;

const NONE = 'none';
const STATEMENTS: Record<string, Statement> = { log, witness, group, quorum };
/** Tab, newline and what is not a control character of ASCII. */
const FORBIDDEN = /[^\P{Cc}\t\u0080-\u009f]/u;

/** Reads a policy file; every wrong line is told, not the first only. */
export function parsePolicy(
  text: string,
): { ok: true; policy: Policy } | { ok: false; errors: PolicyError[] } {
  const draft: Draft = { logs: [], witnesses: [], groups: [] };
  const lines = text.split('\n');
  const errors: PolicyError[] = [];
  if (lines.at(-1) !== '')
    errors.push({ line: lines.length, reason: 'the last line does not end in a newline' });
  for (const [at, line] of lines.entries()) {
    const reason = read(draft, line);
    if (reason !== null) errors.push({ line: at + 1, reason });
  }
  if (draft.quorum === undefined) errors.push({ line: lines.length, reason: 'there is no quorum line' });
  if (errors.length > 0 || draft.quorum === undefined) return { ok: false, errors };
  return { ok: true, policy: { ...draft, quorum: draft.quorum } };
}

function read(draft: Draft, line: string): string | null {
  if (FORBIDDEN.test(line)) return 'a control character is in the line';
  const [keyword, ...words] = line.split(/[ \t]+/).filter((word) => word !== '');
  if (keyword === undefined || keyword.startsWith('#')) return null;
  const statement = Object.hasOwn(STATEMENTS, keyword) ? STATEMENTS[keyword] : undefined;
  return statement === undefined ? `"${keyword}" begins no line of a policy` : statement(draft, words);
}

function log(draft: Draft, [vkey = '', url, ...rest]: readonly string[]): string | null {
  if (vkey === '' || rest.length > 0) return 'a log line is: log <vkey> [<url>]';
  const key = keyOf(vkey, ED25519);
  if (typeof key === 'string') return key;
  if (hasKey(draft.logs, key)) return 'another log has the same public key';
  draft.logs.push({ key, ...(url === undefined ? {} : { url }) });
  return null;
}

function witness(draft: Draft, [name = '', vkey = '', url, ...rest]: readonly string[]): string | null {
  if (vkey === '' || rest.length > 0) return 'a witness line is: witness <name> <vkey> [<url>]';
  if (isTaken(draft, name)) return `the name "${name}" is taken`;
  const key = keyOf(vkey, COSIGNATURE_V1);
  if (typeof key === 'string') return key;
  if (hasKey(draft.witnesses, key)) return 'another witness has the same public key';
  draft.witnesses.push({ name, key, ...(url === undefined ? {} : { url }) });
  return null;
}

function group(draft: Draft, [name = '', rule = '', ...members]: readonly string[]): string | null {
  if (members.length === 0) return 'a group line is: group <name> <any|all|number> <member>…';
  if (isTaken(draft, name)) return `the name "${name}" is taken`;
  const grouped = draft.groups.flatMap((other) => other.members);
  for (const [at, member] of members.entries()) {
    if (!isDefined(draft, member)) return `no line before defines "${member}"`;
    if (grouped.includes(member) || members.indexOf(member) < at) return `"${member}" is in a group already`;
  }
  const threshold = thresholdOf(rule, members.length);
  if (threshold === null) return `"${rule}" is neither any, all nor a number from 1 to ${members.length}`;
  draft.groups.push({ name, threshold, members });
  return null;
}

function quorum(draft: Draft, [name = '', ...rest]: readonly string[]): string | null {
  if (name === '' || rest.length > 0) return 'a quorum line is: quorum <name>';
  if (draft.quorum !== undefined) return 'there is a quorum line already';
  if (name !== NONE && !isDefined(draft, name)) return `no line before defines "${name}"`;
  draft.quorum = name;
  return null;
}

function thresholdOf(rule: string, members: number): number | null {
  if (rule === 'any') return 1;
  if (rule === 'all') return members;
  const number = /^[1-9][0-9]{0,5}$/.test(rule) ? Number(rule) : 0;
  return number >= 1 && number <= members ? number : null;
}

function keyOf(vkey: string, algorithm: Algorithm): VerifierKey | string {
  const read = parseVerifierKey(vkey);
  if (!read.ok) return `the key cannot be read: ${read.reason}`;
  return read.key.algorithm === algorithm ? read.key : 'the key is of another signature type';
}

function hasKey(all: readonly { key: VerifierKey }[], { publicKey }: VerifierKey): boolean {
  return all.some(({ key }) => Buffer.from(key.publicKey).equals(publicKey));
}

function isDefined(draft: Draft, name: string): boolean {
  return [...draft.witnesses, ...draft.groups].some((defined) => defined.name === name);
}

function isTaken(draft: Draft, name: string): boolean {
  return name === NONE || isDefined(draft, name);
}

/** `cosigned` and `missing` are the policy's witnesses by their names in it. */
export type Quorum = { met: boolean; cosigned: string[]; missing: string[] };

/** Whether those who cosigned make the quorum; `cosignedBy` are public keys of verified cosignatures. */
export function quorumOf(policy: Policy, cosignedBy: readonly VerifierKey[]): Quorum {
  const present = policy.witnesses.filter(({ key }) => cosignedBy.some((other) => isSameKey(key, other)));
  const met = new Set(present.map(({ name }) => name));
  // A group names only what stands before it, so one pass is enough.
  for (const { name, threshold, members } of policy.groups) {
    if (members.filter((member) => met.has(member)).length >= threshold) met.add(name);
  }
  return {
    met: policy.quorum === NONE || met.has(policy.quorum),
    cosigned: present.map(({ name }) => name),
    missing: policy.witnesses.filter((one) => !present.includes(one)).map(({ name }) => name),
  };
}

function isSameKey(one: VerifierKey, other: VerifierKey): boolean {
  return one.name === other.name && one.keyId === other.keyId && hasKey([{ key: one }], other);
}
