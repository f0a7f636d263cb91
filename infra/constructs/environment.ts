import type { FunctionWiring, Setting } from '../../functions/wiring.ts';
import { TABLES } from '../../shared/store/keys.ts';
import { found, reached, type Surroundings } from './surroundings.ts';

/** The environment of a function: what its wiring names, and nothing else. */
export function environmentOf(
  wiring: FunctionWiring,
  around: Surroundings,
  settings: Record<Setting, string>,
): Record<string, string> {
  const { tables, queues, buckets, keys } = around;
  const key = wiring.signs ?? wiring.knows;
  return {
    ...named(wiring.tables, ({ table }) => [TABLES[table].env, found(tables, table).tableName]),
    ...named(wiring.sendsTo, (queue) => [`${queue.toUpperCase()}_QUEUE_URL`, found(queues, queue).queueUrl]),
    ...named(wiring.buckets, ({ bucket }) => [
      `${bucket.toUpperCase()}_BUCKET`,
      found(buckets, bucket).bucketName,
    ]),
    ...(key && { [`${key.toUpperCase()}_KEY_ID`]: found(keys, key).keyArn }),
    ...(wiring.witnesses && { WITNESS_URLS: reached(around, 'witnesses').join(',') }),
    ...(wiring.bus && { EVENT_BUS: reached(around, 'bus').eventBusName }),
    ...(wiring.tokens && issuerOf(around)),
    ...named(wiring.settings, (setting) => [setting, settings[setting]]),
  };
}

function issuerOf(around: Surroundings): Record<string, string> {
  const { url, jwksUrl, audience } = reached(around, 'issuer');
  return { ISSUER_URL: url, JWKS_URL: jwksUrl, TOKEN_AUDIENCE: audience };
}

const named = <T>(things: readonly T[] = [], variable: (thing: T) => [string, string]) =>
  Object.fromEntries(things.map(variable));
