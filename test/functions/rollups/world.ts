import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { sealDecision } from '../../../functions/commitments/seal-decision.ts';
import { projector } from '../../../functions/rollups/projector.ts';
import { readRollup } from '../../../functions/rollups/read-rollup.ts';
import { rebuild } from '../../../functions/rollups/rebuild.ts';
import {
  COMMANDS,
  type Command,
  type CommandName,
  type Context,
} from '../../../shared/commitment/command.ts';
import { decide } from '../../../shared/commitment/decide.ts';
import { fold } from '../../../shared/commitment/evolve.ts';
import { decideRegistration } from '../../../shared/commitment/register.ts';
import { registerCommitment } from '../../../shared/commitment/schema.ts';
import type { Commitment } from '../../../shared/commitment/state.ts';
import { type EventRecord, open } from '../../../shared/record/event-record.ts';
import { newId, newSalt } from '../../../shared/runtime/ids.ts';
import type { Log } from '../../../shared/runtime/log.ts';
import { commitments, stateItems } from '../../../shared/store/commitments.ts';
import { eventItem, events } from '../../../shared/store/events.ts';
import { type Response, responseItems, responses } from '../../../shared/store/responses.ts';
import { rollupRepairs } from '../../../shared/store/rollup-repairs.ts';
import { rollups } from '../../../shared/store/rollups.ts';
import { transact } from '../../../shared/store/transaction.ts';
import type { Tables } from '../../kit/dynamodb.ts';

export const TEXT = 'We will do it.';

export const FRAMEWORK = {
  id: 'f',
  name: 'Framework',
  areas: [
    { id: 'A', name: 'First area' },
    { id: 'B', name: 'Second area' },
  ],
  kpis: [
    { id: '1', name: 'First KPI', area: 'A' },
    { id: '2', name: 'Second KPI', area: 'A' },
    { id: '3', name: 'Third KPI', area: 'B' },
  ],
  indicators: [
    { id: '1.1', label: 'One', kpi: '1' },
    { id: '1.2', label: 'Two', kpi: '1' },
    { id: '2.1', label: 'Three', kpi: '2' },
    { id: '3.1', label: 'Four', kpi: '3' },
  ],
};

export const quiet: Log = { info: () => undefined, error: () => undefined };

/** Commitments that live through the real decisions, in memory and in the table of commands. */
export interface World {
  states: Map<string, Commitment>;
  history: Map<string, EventRecord[]>;
  response(fields?: Partial<Response>): Promise<string>;
  /** @throws where the registration is refused. */
  register(responseId: string, fields?: object, time?: string): Promise<string>;
  /** False where the command is refused. */
  act<N extends CommandName>(
    id: string,
    name: N,
    body: object,
    by?: Partial<Context>,
    time?: string,
    n?: number,
  ): Promise<boolean>;
}

export const COORDINATOR = 'per_coordinator';
export const WORKER = 'per_worker';
export const VERIFIER = 'per_verifier';
const START = '2024-01-10T09:00:00.000Z';

export function world({ client, tables }: Tables): World {
  const states: World['states'] = new Map();
  const history: World['history'] = new Map();
  const known = new Map<string, Response>();

  async function write(
    id: string,
    decision: Parameters<typeof sealDecision>[0],
    actor: string,
    time: string,
  ) {
    const before = states.get(id) ?? null;
    const past = history.get(id) ?? [];
    const records = sealDecision(decision, {
      stream: id,
      version: past.length,
      hash: past.at(-1)?.hash ?? null,
      actor: { id: actor, role: 'coordinator' },
      time,
      commandId: newId('cmd'),
      correlation: 'request',
      newSalt,
    });
    const after = fold(records.map(open), before) as Commitment;
    states.set(id, after);
    history.set(id, [...past, ...records]);
    const items = [...stateItems(before, after, records.at(-1)?.hash ?? ''), ...records.map(eventItem)];
    await transact(
      client,
      items.map((Item): TransactWriteItem => ({ Put: { TableName: tables.commands, Item } })),
    );
  }

  return {
    states,
    history,
    async response(fields = {}) {
      const id = newId('rsp');
      const response: Response = {
        id,
        organisation: 'O',
        title: 'R',
        assessment: 'A',
        reference: null,
        date: '2024-01-05',
        source: { title: 'Letter', date: null, sha256: '0'.repeat(64), length: TEXT.length },
        framework: FRAMEWORK,
        reportingBodies: [],
        stances: [],
        createdAt: START,
        version: 1,
        ...fields,
      };
      known.set(id, response);
      for (const Item of responseItems(response, TEXT))
        await transact(client, [{ Put: { TableName: tables.commands, Item } }]);
      return id;
    },
    async register(responseId, fields = {}, time = START) {
      const id = newId('cmt');
      const body = registerCommitment.parse({ responseId, title: 'T', quote: TEXT, ...fields });
      const response = known.get(responseId) as Response;
      const decision = decideRegistration(body, { response, text: TEXT, known: new Set(states.keys()) });
      if ('rejected' in decision) throw new Error(JSON.stringify(decision));
      await write(id, decision, COORDINATOR, time);
      return id;
    },
    async act(id, name, body, by = {}, time = START, n) {
      const state = states.get(id) as Commitment;
      const context: Context = {
        actor: WORKER,
        role: 'coordinator',
        ownsUnit: true,
        today: time.slice(0, 10),
        replacementExists: true,
        ...by,
      };
      const command = { name, body: COMMANDS[name].parse(body), ...(n !== undefined && { n }) } as Command;
      const decision = decide(command, state, context);
      if ('rejected' in decision) return false;
      await write(id, decision, context.actor, time);
      return true;
    },
  };
}

/** A projector as a function of its own has it: with its own client. */
export const projectorOn = (client: DynamoDBClient, { tables }: Tables) =>
  projector({
    commitments: commitments(client, tables.commands),
    rollups: rollups(client, tables.rollups),
    guard: () => ({ now: Date.now() }),
    log: quiet,
    pause: (milliseconds) => new Promise((go) => setTimeout(go, Math.min(milliseconds, 20))),
  });

/** A rebuild as the administrator's request runs it. */
export const rebuildOn = ({ client, tables }: Tables) =>
  rebuild(
    {
      commitments: commitments(client, tables.commands),
      responses: responses(client, tables.commands),
      events: events(client, tables.commands),
      rollups: rollups(client, tables.rollups),
      repairs: rollupRepairs(client, tables.rollups),
      log: quiet,
      pause: (ms) => new Promise((go) => setTimeout(go, ms)),
      now: Date.now,
    },
    newId('cmd'),
  );

/** `GET /v1/rollups` as its handler answers it, at a time. */
export function reader({ client, tables }: Tables) {
  const read = readRollup({
    commitments: commitments(client, tables.commands),
    responses: responses(client, tables.commands),
    events: events(client, tables.commands),
    rollups: rollups(client, tables.rollups),
  });
  return async (query: Record<string, string>, time: string) => {
    const answer = await read({ query, time } as Parameters<typeof read>[0]);
    return { status: answer.status, body: answer.body as Json };
  };
}

type Json = Record<string, unknown>;
