import { BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { sealDecision } from '../functions/commitments/seal-decision.ts';
import { decide } from '../shared/commitment/decide.ts';
import type { Decision } from '../shared/commitment/decision.ts';
import { fold } from '../shared/commitment/evolve.ts';
import { decideRegistration } from '../shared/commitment/register.ts';
import type { Rejection } from '../shared/commitment/rejection.ts';
import { registerCommitment, reportProgress } from '../shared/commitment/schema.ts';
import type { Commitment } from '../shared/commitment/state.ts';
import { type EventRecord, open } from '../shared/record/event-record.ts';
import { newId, newSalt } from '../shared/runtime/ids.ts';
import { stateItems } from '../shared/store/commitments.ts';
import { eventItem } from '../shared/store/events.ts';
import type { Response } from '../shared/store/responses.ts';
import type { Item } from '../shared/store/transaction.ts';
import { commitmentBodies, narrative } from './sample.ts';

const ACTOR = { id: 'per_00000000000000000000000000', role: 'coordinator' };
const DAY_MS = 86_400_000;
/** Updates came in over so many days. */
const DAYS = 120;
const BATCH = 25;
const IN_FLIGHT = 8;

/**
 * Puts so many commitments of a response into the table: the sample's, again and again, registered and reported on by the real rules and
 * sealed into real records, but written in bulk, without the commands' transactions. Answers their ids.
 */
export async function seed(
  client: DynamoDBClient,
  table: string,
  { response, text }: { response: Response; text: string },
  count: number,
): Promise<string[]> {
  const bodies = commitmentBodies(response.id).map((body) => registerCommitment.parse(body));
  const ids: string[] = [];
  const items: Item[] = [];
  const now = Date.now();
  for (let n = 0; n < count; n++) {
    const body = bodies[n % bodies.length] as (typeof bodies)[number];
    const at = (day: number) => new Date(now - day * DAY_MS).toISOString();
    const id = newId('cmt');
    const day = n % DAYS;
    const registered = append(
      null,
      id,
      at(day + 1),
      decideRegistration(body, { response, text, known: new Set() }),
    );
    const context = { actor: ACTOR.id, role: ACTOR.role, ownsUnit: true, today: at(day).slice(0, 10) };
    const report = reportProgress.parse({ narrative: narrative(200, n), progress: (n * 7) % 101 });
    const reported = append(
      registered,
      id,
      at(day),
      decide({ name: 'report-progress', body: report }, registered.state, context),
    );
    ids.push(id);
    items.push(
      ...stateItems(null, reported.state, reported.record.hash),
      ...[registered.record, reported.record].map(eventItem),
    );
  }
  await putAll(client, table, items);
  return ids;
}

interface Appended {
  state: Commitment;
  record: EventRecord;
}

function append(
  before: Appended | null,
  stream: string,
  time: string,
  decision: Decision | Rejection,
): Appended {
  if ('rejected' in decision) throw new Error(`the sample was refused: ${JSON.stringify(decision)}`);
  const [record] = sealDecision(decision, {
    stream,
    version: before?.record.sequence ?? 0,
    hash: before?.record.hash ?? null,
    actor: ACTOR,
    time,
    commandId: newId('cmd'),
    correlation: crypto.randomUUID(),
    newSalt,
  });
  if (!record) throw new Error('a decision without an event');
  const state = fold([open(record)], before?.state);
  if (!state) throw new Error('an event without a state');
  return { state, record };
}

async function putAll(client: DynamoDBClient, table: string, items: Item[]): Promise<void> {
  const batches = Array.from({ length: Math.ceil(items.length / BATCH) }, (_, index) =>
    items.slice(index * BATCH, (index + 1) * BATCH),
  ).values();
  const worker = async () => {
    for (const batch of batches) {
      const requests = batch.map((Item) => ({ PutRequest: { Item } }));
      const { UnprocessedItems } = await client.send(
        new BatchWriteItemCommand({ RequestItems: { [table]: requests } }),
      );
      if (Object.keys(UnprocessedItems ?? {}).length > 0) throw new Error('a batch was not written whole');
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}
