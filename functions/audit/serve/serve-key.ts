import type { Answer } from '../../../shared/lambda/http.ts';
import type { LogWitnesses } from '../../../shared/store/log-witnesses.ts';
import { ED25519 } from '../../../shared/tlog/signed-message.ts';
import type { Signer } from '../../../shared/tlog/signer.ts';
import { formatVerifierKey } from '../../../shared/tlog/verifier-key.ts';

export interface LogKey {
  origin: string;
  signer: Pick<Signer, 'publicKey'>;
}

export const vkeyOf = async ({ origin, signer }: LogKey): Promise<string> =>
  formatVerifierKey(origin, ED25519, await signer.publicKey());

const plain = (body: string): Answer => ({
  status: 200,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'public, max-age=300' },
  body,
});

/** The verifier key of the log, as signed notes write it. */
export const serveKey = (key: LogKey) => async (): Promise<Answer> => plain(await vkeyOf(key));

/**
 * Whose signatures the operator says should count (C2SP tlog-policy): the log's, and those of more than half of its witnesses. An auditor
 * keeps a policy of their own.
 */
export const servePolicy =
  (key: LogKey, urls: readonly string[], witnesses: Pick<LogWitnesses, 'one'>) => async (): Promise<Answer> =>
    plain(await policyOf(key, urls, witnesses));

export async function policyOf(
  key: LogKey,
  urls: readonly string[],
  witnesses: Pick<LogWitnesses, 'one'>,
): Promise<string> {
  const known = await Promise.all(urls.map(async (url) => ({ url, key: (await witnesses.one(url))?.key })));
  const heard = known.flatMap(({ url, key: vkey }) => (vkey ? [{ url, vkey }] : []));
  const names = heard.map((_, at) => `witness-${at + 1}`);
  const quorum = Math.floor(names.length / 2) + 1;
  const lines = [
    `log ${await vkeyOf(key)}`,
    ...heard.map(({ url, vkey }, at) => `witness ${names[at]} ${vkey} ${url}`),
    ...(names.length > 0
      ? [`group witnesses ${quorum} ${names.join(' ')}`, 'quorum witnesses']
      : ['quorum none']),
  ];
  return `${lines.join('\n')}\n`;
}
