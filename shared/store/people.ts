import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { pseudonymKey, subjectKey } from './keys.ts';
import { transact } from './transaction.ts';

/** The people behind the pseudonyms. Records name pseudonyms only; erasing both rows erases the person. */
export interface People {
  /** The pseudonym of a signed-in person; drawn at the first call for a subject, the same ever after. */
  pseudonymOf(person: { subject: string; name: string | null }): Promise<string>;
  /** The pseudonym of a subject; null where that person never acted. */
  find(subject: string): Promise<string | null>;
}

/** A person who was erased is forgotten by running functions too, after so long. */
const REMEMBERED_MS = 5 * 60_000;

/** @param draw draws a fresh pseudonym. */
export function people(
  client: DynamoDBClient,
  table: string,
  draw: () => string,
  now: () => number = Date.now,
): People {
  const known = new Map<string, { pseudonym: string; until: number }>();
  const find = async (subject: string): Promise<string | null> => {
    const { pk, sk } = subjectKey(subject);
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, ConsistentRead: true, Key: { pk: { S: pk }, sk: { S: sk } } }),
    );
    return Item?.['pseudonym']?.S ?? null;
  };
  const create = async ({ subject, name }: { subject: string; name: string | null }): Promise<string> => {
    const pseudonym = draw();
    const row = (key: { pk: string; sk: string }) => ({
      Put: {
        TableName: table,
        ConditionExpression: 'attribute_not_exists(pk)',
        Item: {
          pk: { S: key.pk },
          sk: { S: key.sk },
          pseudonym: { S: pseudonym },
          subject: { S: subject },
          ...(name && { name: { S: name } }),
        },
      },
    });
    const failed = await transact(client, [row(subjectKey(subject)), row(pseudonymKey(pseudonym))]);
    if (!failed) return pseudonym;
    const winner = await find(subject);
    if (!winner) throw new Error('a pseudonym could neither be drawn nor found');
    return winner;
  };
  return {
    find,
    async pseudonymOf(person) {
      const cached = known.get(person.subject);
      if (cached && cached.until > now()) return cached.pseudonym;
      const pseudonym = (await find(person.subject)) ?? (await create(person));
      if (known.size >= 10_000) known.clear();
      known.set(person.subject, { pseudonym, until: now() + REMEMBERED_MS });
      return pseudonym;
    },
  };
}
