import { quorumOf } from '../../shared/tlog/policy.ts';
import type { About } from '../about.ts';
import type { Ledger } from '../ledger.ts';
import type { Signed } from './checkpoint-signature.ts';
import type { Trust } from './key.ts';

export const about = {
  name: 'witness-quorum',
  proves:
    'As many witnesses as the policy asks for have seen this checkpoint, and each of them sees one history only: nobody is shown another one that they cosigned too.',
  cannot:
    'Anything where the operator and all witnesses of a quorum act together; and a policy out of the folder says whom the operator trusts, not whom you do (--policy).',
  means:
    'The checkpoint was not shown to the witnesses, or they refused it since it contradicts what they saw before.',
  todo: 'Ask the witnesses, whose addresses the policy may name, for the newest checkpoint that they cosigned, and verify again with it as --since.',
} as const satisfies About;

export function checkQuorum({ cosigned, witnessedAt }: Signed, trust: Trust, ledger: Ledger): void {
  const { policy } = trust;
  if (!policy) {
    ledger.absent('witness-quorum', 'there is no policy that says whose cosignatures count');
    return;
  }
  const quorum = quorumOf(
    policy,
    cosigned.map(({ key }) => key),
  );
  if (!quorum.met)
    ledger.find(
      'witness-quorum',
      'checkpoint',
      `the quorum "${policy.quorum}" is not met: ${quorum.missing.join(', ')} did not cosign`,
    );
  if (policy.quorum === 'none') ledger.note('witness-quorum', 'The policy asks for no witness at all.');
  if (!trust.ownPolicy)
    ledger.note('witness-quorum', 'The policy was taken out of the folder: it is what the operator says.');
  ledger.done('witness-quorum', {
    cosigned: quorum.cosigned.join(', ') || 'nobody',
    ...(witnessedAt !== null && { at: new Date(witnessedAt).toISOString() }),
  });
}
