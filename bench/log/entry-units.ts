import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { takeEntry } from '../../functions/audit/record/record-entry.ts';
import { sequenceAll } from '../../functions/audit/sequence/sequence-all.ts';
import type { Sequencer } from '../../functions/audit/sequence/sequencer.ts';
import { TABLES, type TableName } from '../../shared/store/keys.ts';
import { memoryObjects } from '../../test/kit/memory-objects.ts';
import { type Units, unitsOf } from '../item-writes.ts';
import { type Row, row } from '../row.ts';
import type { RecordedWrite, WriteRecorder } from '../write-recorder.ts';
import { deskOf } from './desk.ts';
import { entryAt } from './made-trail.ts';
import type { Tables } from './tables.ts';

/** What entries cost on their way into the log, by the kind of the items; and how many objects were put. */
export interface WayUnits {
  entries: number;
  kinds: Partial<Record<Kind, Units>>;
  objects: number;
}

/** Which items there are on the way, by how their keys look; those of the first four are an entry's own. */
const KINDS = {
  entry: (_: string, sk: string) => sk.startsWith('A#'),
  marker: (pk: string) => pk === 'pending',
  'log item': (_: string, sk: string) => sk.startsWith('L#'),
  'end of its stream': (pk: string) => pk === 'streams',
  batch: (pk: string) => ['staged', 'head', 'batches', 'times'].includes(pk),
} as const;
export type Kind = keyof typeof KINDS;
const OWN = ['entry', 'marker', 'log item', 'end of its stream'] as const satisfies Kind[];

/** @throws TypeError where no kind is known for an item. */
export function kindOf({ before, after }: Pick<RecordedWrite, 'before' | 'after'>): Kind {
  const item = after ?? before ?? {};
  const [pk = '', sk = ''] = [item['pk']?.S, item['sk']?.S];
  const found = (Object.keys(KINDS) as Kind[]).find((kind) => KINDS[kind](pk, sk));
  if (!found) throw new TypeError(`no kind of item is known for ${pk} ${sk}`);
  return found;
}

/** Takes some entries into the trail and into the log as one batch, by the real recorder and the real sequencer. */
export async function wayUnits(
  client: DynamoDBClient,
  recorder: WriteRecorder,
  tables: Tables,
  entries: number,
): Promise<WayUnits> {
  const { objects, ...store } = memoryObjects();
  const desk: Sequencer = deskOf(client, tables, store);
  recorder.take();
  for (let index = 0; index < entries; index++) await takeEntry(entryAt(index), desk);
  const sequenced = await sequenceAll(desk);
  if (sequenced !== entries) throw new Error(`${sequenced} of ${entries} came into the log`);
  const kinds: WayUnits['kinds'] = {};
  for (const write of recorder.take()) {
    const name = (Object.keys(tables) as TableName[]).find((table) => tables[table] === write.table);
    if (!name) continue;
    const { table, indexes } = unitsOf(write, TABLES[name]);
    const kind = kindOf(write);
    const before = kinds[kind] ?? { table: 0, indexes: 0 };
    kinds[kind] = { table: before.table + table, indexes: before.indexes + indexes };
  }
  return { entries, kinds, objects: objects.size };
}

/**
 * US$ in us-east-1 on demand: a million write request units; a thousand PUTs (S3 Standard); ten thousand signatures of an
 * elliptic curve (KMS). Source: the three services' pages of prices.
 */
const PRICES = { unit: 0.625 / 1e6, put: 0.005 / 1000, signature: 0.15 / 10_000 };

export function rowsOfWays(ways: readonly WayUnits[]): Row[] {
  const most = ways.at(-1);
  const sum = (units: Units | undefined) => (units ? units.table + units.indexes : 0);
  const own = OWN.map((kind) => {
    const units = most?.kinds[kind];
    const count = most?.entries ?? 1;
    return row({
      name: `audit entry, ${kind}`,
      unit: 'units',
      figures: [sum(units) / count],
      ...(units?.indexes && { note: `${(units.indexes / count).toFixed(1)} of them in indexes` }),
    });
  });
  return [
    ...own,
    ...ways.flatMap(({ entries, kinds, objects }) => {
      const units = Object.values(kinds).reduce((all, each) => all + sum(each), 0);
      const cost = (units * PRICES.unit + objects * PRICES.put + PRICES.signature) / entries;
      const batch = `batch of ${entries}`;
      return [
        row({
          name: `audit entries, ${batch}, beside them`,
          unit: 'units',
          figures: [sum(kinds.batch)],
          note: `staged, head, batch; ${objects} objects put in the bucket of the log, one signature`,
        }),
        row({
          name: `cost of a million audit entries, each in a ${batch}`,
          unit: 'US$',
          figures: [cost * 1e6],
          note: `${(units / entries).toFixed(1)} units, ${(objects / entries).toFixed(2)} objects an entry`,
        }),
      ];
    }),
  ];
}
