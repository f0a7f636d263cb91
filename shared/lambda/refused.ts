import { isId } from '../runtime/ids.ts';
import type { Log } from '../runtime/log.ts';
import { locate } from '../store/delivery.ts';
import type { Refusal, Refusals } from '../store/refusals.ts';
import type { Answer, Call, Door, Route } from './http.ts';

/** The door's hook for refusals: a signed-in person's is recorded for the audit trail, an anonymous one is counted by the minute. */
export function recordRefusals(deps: {
  refusals: Refusals;
  newCommandId: () => string;
  log: Log;
}): NonNullable<Door['refused']> {
  const { refusals, newCommandId, log } = deps;
  return async (call, route, answer) => {
    const code = codeOf(answer);
    log.info('refused', { requestId: call.requestId, route: route.route, code, status: answer.status });
    if (!call.person) return refusals.countAnonymous(call.time, code);
    await refusals.record({
      target: await targetOf(call),
      action: await actionOf(call, route),
      code,
      status: answer.status,
      route: route.route,
      actor: await call.actor(),
      time: call.time,
      commandId: newCommandId(),
      correlation: call.requestId,
    });
  };
}

const codeOf = ({ body }: Answer): string =>
  body !== null && typeof body === 'object' && 'code' in body ? String(body.code) : 'refused';

/** The verb of what was tried: the one that would stand there had it succeeded, as far as can be told. */
async function actionOf(call: Call, { route, action = route, decisions }: Route): Promise<string> {
  if (!decisions) return action;
  const body = await call.body();
  const { decision } = ('value' in body && (body.value as { decision?: unknown } | null)) || {};
  return typeof decision === 'string' && Object.hasOwn(decisions, decision)
    ? (decisions[decision] ?? action)
    : action;
}

/** What the refused command was about: the thing in its path, the response in its body, or the collection. */
async function targetOf(call: Call): Promise<Refusal['target']> {
  const [, , collection = 'system'] = call.path.split('/');
  for (const [, before, name] of call.route.matchAll(/\/(\w+)\/\{(\w+)\}/g)) {
    const type = TYPES[before ?? ''];
    const id = call.params[name ?? ''] ?? '';
    if (type) return { type, id: isId(id) || locate(id) ? id : 'unknown' };
  }
  const body = await call.body();
  const named = 'value' in body ? (body.value as { responseId?: unknown } | null)?.responseId : undefined;
  return typeof named === 'string' && isId(named)
    ? { type: 'response', id: named }
    : { type: 'system', id: /^[a-z]{1,30}$/.test(collection) ? collection : 'unknown' };
}

const TYPES: Record<string, Refusal['target']['type']> = {
  commitments: 'commitment',
  responses: 'response',
  subscriptions: 'subscription',
  deliveries: 'delivery',
  exports: 'export',
  erasures: 'erasure',
};
