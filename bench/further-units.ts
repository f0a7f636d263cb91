import type { TableName } from '../shared/store/keys.ts';
import { type Ask, type Asked, type CommandUnits, sum } from './command-units.ts';
import type { WriteRecorder } from './write-recorder.ts';

/** The commands that are not on a response or a commitment: subscriptions and recalculations. `hook` is never called. */
export async function furtherUnits(
  ask: Ask,
  recorder: WriteRecorder,
  tableOf: (name: string) => TableName,
  hook: string,
): Promise<CommandUnits[]> {
  const found: CommandUnits[] = [];

  async function run(command: string, route: string, asked: Asked): Promise<Record<string, unknown>> {
    recorder.take();
    const { status, body } = await ask(route, asked);
    if (status >= 300) throw new Error(`${command} was answered ${status}: ${JSON.stringify(body)}`);
    found.push({ command, tables: sum(recorder, tableOf) });
    return body as Record<string, unknown>;
  }

  const as = 'coordinator';
  const channel = { type: 'webhook', url: hook };
  const made = await run('create-subscription', 'POST /v1/subscriptions', {
    as,
    body: { channel, filter: { type: ['followthrough.commitment.status_changed'] } },
  });
  const path = `/v1/subscriptions/${made['id']}`;
  await run('change-subscription', `PATCH ${path}`, { as, body: { description: 'For the dashboard' } });
  await run('rotate-secret', `POST ${path}/secrets`, { as, body: {} });
  await run('send-test', `POST ${path}/tests`, { as, body: {} });
  await run('delete-subscription', `DELETE ${path}`, { as, body: {} });
  await run('recalculate, no drift', 'POST /v1/rollups/recalculations', { as: 'administrator', body: {} });
  return found;
}
