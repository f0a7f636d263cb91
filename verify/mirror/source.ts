import type { Options } from '../verify.ts';
import { httpClient, NotMirrored } from './http.ts';
import { mirror } from './mirror.ts';
import type { Tell } from './parallel.ts';
import { mirrorTarget, type Target } from './target.ts';
import { demoToken, isLoopback } from './token.ts';

export const isAddress = (source: string): boolean => /^https?:\/\//i.test(source);

/**
 * Mirrors the system at an address. What comes out is verified as a folder, whoever gave it.
 * @throws NotMirrored
 */
export async function mirrored(
  source: string,
  { token, save }: { token: string | undefined; save: string | undefined },
  tell: Tell,
): Promise<{ target: Target; options: Pick<Options, 'takenAt'>; note: string | null }> {
  const address = addressOf(source);
  const own = token ?? (isLoopback(address) ? await demoToken() : undefined);
  if (own !== undefined && address.protocol === 'http:' && !isLoopback(address))
    throw new NotMirrored('a token is sent over https alone, or to this machine');
  const target = await mirrorTarget(save);
  try {
    const takenAt = await mirror(httpClient(address.href, own), target, own !== undefined, tell);
    const note =
      own === undefined
        ? 'Without a token of an auditor the entries could not be fetched: give one with --token.'
        : null;
    return { target, options: { takenAt }, note };
  } catch (error) {
    target.end();
    throw error;
  }
}

function addressOf(source: string): URL {
  try {
    return new URL(source);
  } catch {
    throw new NotMirrored(`${source} is no address`);
  }
}
