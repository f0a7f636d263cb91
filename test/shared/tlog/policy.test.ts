import { describe, expect, test } from 'vitest';
import { parsePolicy, quorumOf } from '../../../shared/tlog/policy.ts';
import { COSIGNATURE_V1, ED25519 } from '../../../shared/tlog/signed-message.ts';
import { formatVerifierKey, type VerifierKey, verifierKey } from '../../../shared/tlog/verifier-key.ts';
import { testSigner } from '../../kit/signer.ts';

const NAMES = ['X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3'];
const publicKeys = new Map<string, Uint8Array>();
for (const name of [...NAMES, 'log']) publicKeys.set(name, await testSigner(name).publicKey());
const raw = (name: string) => publicKeys.get(name) ?? new Uint8Array();
const keyOf = (name: string): VerifierKey => verifierKey(`${name}.example`, COSIGNATURE_V1, raw(name));
const vkey = (name: string) => formatVerifierKey(`${name}.example`, COSIGNATURE_V1, raw(name));
const logVkey = formatVerifierKey('log.example', ED25519, raw('log'));

const WITNESSES = NAMES.map((name) => `witness ${name} ${vkey(name)}\n`).join('');
const EXAMPLE = `# two organisations
log ${logVkey} https://log.example/

${WITNESSES}
group X-witnesses 2 X1 X2 X3
group Y-witnesses any Y1 Y2 Y3
\t# both
  group X-and-Y \t all X-witnesses Y-witnesses \t
quorum X-and-Y
`;

function policyOf(text: string) {
  const read = parsePolicy(text);
  if (!read.ok) throw new Error(JSON.stringify(read.errors));
  return read.policy;
}

describe('the example of tlog-policy', () => {
  const policy = policyOf(EXAMPLE);

  test('is read', () => {
    expect(policy.logs).toEqual([
      { key: verifierKey('log.example', ED25519, raw('log')), url: 'https://log.example/' },
    ]);
    expect(policy.witnesses.map(({ name, key }) => [name, key.name])).toEqual(
      NAMES.map((name) => [name, `${name}.example`]),
    );
    expect(policy.groups.map(({ threshold }) => threshold)).toEqual([2, 1, 2]);
  });

  test.each([
    [['X1', 'X2', 'Y1'], true],
    [['X2', 'X3', 'Y3'], true],
    [NAMES, true],
    [['X1', 'Y1', 'Y2', 'Y3'], false],
    [['X1', 'X2', 'X3'], false],
    [['X1', 'X1', 'Y1'], false],
    [[], false],
  ])('cosigned by %j: %s', (names, met) => {
    const quorum = quorumOf(policy, names.map(keyOf));
    expect(quorum.met).toBe(met);
    expect([...quorum.cosigned, ...quorum.missing].sort()).toEqual(NAMES);
    expect(quorum.cosigned).toEqual(NAMES.filter((name) => names.includes(name)));
  });

  test('a key that only bears the name of a witness does not count', () => {
    const stranger = verifierKey('X1.example', COSIGNATURE_V1, raw('log'));
    const disguised = { ...stranger, keyId: keyOf('X1').keyId };
    expect(quorumOf(policy, [stranger, disguised]).cosigned).toEqual([]);
  });
});

describe('a quorum', () => {
  test('of none is always met', () => {
    const policy = policyOf('quorum none\n');
    expect(quorumOf(policy, [])).toEqual({ met: true, cosigned: [], missing: [] });
  });

  test('of one witness is that witness', () => {
    const policy = policyOf(`${WITNESSES}quorum X2\n`);
    expect(quorumOf(policy, [keyOf('X1')]).met).toBe(false);
    expect(quorumOf(policy, [keyOf('X2')]).met).toBe(true);
  });
});

describe('what is refused, with its line', () => {
  test.each([
    ['', [1]],
    ['quorum none', [1]],
    ['# nothing\n', [2]],
    ['quorum none\nquorum none\n', [2]],
    ['quorum X1\n', [1, 2]],
    ['quorum\n', [1, 2]],
    ['quorum none more\n', [1, 2]],
    ['Quorum none\nquorum none\n', [1]],
    ['constructor a\nquorum none\n', [1]],
    ['quorum none\r\n', [1, 2]],
    ['quorum\u00a0none\n', [1, 2]],
    ['log\nquorum none\n', [1]],
    [`log ${vkey('X1')}\nquorum none\n`, [1]],
    [`log ${logVkey} url more\nquorum none\n`, [1]],
    [`log ${logVkey.slice(0, -1)}\nquorum none\n`, [1]],
    [`log ${logVkey}\nlog ${formatVerifierKey('other', ED25519, raw('log'))}\nquorum none\n`, [2]],
    [`witness A ${logVkey}\nquorum none\n`, [1]],
    [`witness A\nquorum none\n`, [1]],
    [`witness none ${vkey('X1')}\nquorum none\n`, [1]],
    [`witness A ${vkey('X1')}\nwitness A ${vkey('X2')}\nquorum none\n`, [2]],
    [`witness A ${vkey('X1')}\nwitness B ${vkey('X1')}\nquorum none\n`, [2]],
    [`${WITNESSES}group X1 any X2\nquorum none\n`, [7]],
    [`${WITNESSES}group none any X2\nquorum none\n`, [7]],
    [`${WITNESSES}group G any\nquorum none\n`, [7]],
    [`${WITNESSES}group G any none\nquorum none\n`, [7]],
    [`${WITNESSES}group G any G\nquorum none\n`, [7]],
    [`${WITNESSES}group G any later\nquorum none\n`, [7]],
    [`${WITNESSES}group G 0 X1\nquorum none\n`, [7]],
    [`${WITNESSES}group G 2 X1\nquorum none\n`, [7]],
    [`${WITNESSES}group G 01 X1\nquorum none\n`, [7]],
    [`${WITNESSES}group G some X1\nquorum none\n`, [7]],
    [`${WITNESSES}group G 2 X1 X1\nquorum none\n`, [7]],
    [`${WITNESSES}group G any X1\ngroup H any X1\nquorum none\n`, [8]],
    [`quorum G\n${WITNESSES}group G any X1\n`, [1, 9]],
    ['nonsense\nlog\nquorum none\n', [1, 2]],
  ])('%j', (text, lines) => {
    const read = parsePolicy(text);
    expect(read.ok ? [] : read.errors.map(({ line }) => line)).toEqual(lines);
  });
});
