import type { FunctionWiring, Setting } from '../../functions/wiring.ts';
import { TABLES } from '../../shared/store/keys.ts';
import { found, type Surroundings } from './surroundings.ts';

/** The environment of a function: what its wiring names, and nothing else. */
export function environmentOf(
  wiring: FunctionWiring,
  { tables, queues, bus, issuer }: Surroundings,
  settings: Record<Setting, string>,
): Record<string, string> {
  return {
    ...Object.fromEntries(
      wiring.tables.map(({ table }) => [TABLES[table].env, found(tables, table).tableName]),
    ),
    ...Object.fromEntries(
      (wiring.sendsTo ?? []).map((queue) => [
        `${queue.toUpperCase()}_QUEUE_URL`,
        found(queues, queue).queueUrl,
      ]),
    ),
    ...(wiring.bus && { EVENT_BUS: bus.eventBusName }),
    ...(wiring.tokens && {
      ISSUER_URL: issuer.url,
      JWKS_URL: issuer.jwksUrl,
      TOKEN_AUDIENCE: issuer.audience,
    }),
    ...Object.fromEntries((wiring.settings ?? []).map((setting) => [setting, settings[setting]])),
  };
}
