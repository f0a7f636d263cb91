import type { Log } from '../../../shared/runtime/log.ts';
import type { LogWitnesses } from '../../../shared/store/log-witnesses.ts';
import { ED25519 } from '../../../shared/tlog/signed-message.ts';
import type { Signer } from '../../../shared/tlog/signer.ts';
import { formatVerifierKey } from '../../../shared/tlog/verifier-key.ts';
import { askKey, askWitness, keyOf } from './publish-witness.ts';
import type { Cosign } from './sequencer.ts';

export interface Cosigning {
  origin: string;
  signer: Signer;
  witnesses: LogWitnesses;
  fetch: typeof fetch;
  log: Log;
}

/** Asks all witnesses at once. One that fails is left out and told: the log goes on, and the auditor sees who did not sign. */
export function cosigning(
  urls: readonly string[],
  { origin, signer, witnesses, fetch, log }: Cosigning,
): Cosign {
  return async (checkpoint, read) => {
    const logKey = formatVerifierKey(origin, ED25519, await signer.publicKey());
    const asked = urls.map(async (url) => {
      try {
        const known = await witnesses.one(url);
        const key = known?.key ?? (await witnesses.pin(url, await askKey(url, fetch)));
        const witness = { url, key: keyOf(key), size: known?.size ?? 0 };
        const cosignature = await askWitness(witness, { ...checkpoint, logKey, read, fetch });
        await witnesses.cosigned(url, checkpoint.size);
        return [cosignature];
      } catch (error) {
        log.error('a witness did not cosign', { url, size: checkpoint.size, error });
        return [];
      }
    });
    return (await Promise.all(asked)).flat();
  };
}
