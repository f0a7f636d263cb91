import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Act, Acts } from './acts.ts';
import { sessionKey } from './keys.ts';
import { Contention, transact } from './transaction.ts';

/** The sessions of people, each under a random name that is in the trail. The row that joins it to a sign-in is erased with the person. */
export interface Sessions {
  /**
   * The name of the session that a sign-in of a person began. Where the sign-in is seen for the first time, the name is drawn, and
   * `first` is recorded in the same transaction.
   * @param signIn the digest that tells this sign-in from the person's others.
   */
  nameOf(pseudonym: string, signIn: string, first: (session: string) => Act): Promise<string>;
}

/** A token may be renewed for 30 days; the row is kept well beyond. */
const KEEP_SECONDS = 90 * 86_400;
/** Sign-ins of one person at the same moment race for the next place in the person's stream. */
const ATTEMPTS = 20;
const REMEMBERED = 10_000;

/** @param draw draws the name of a session. */
export function sessions(
  client: DynamoDBClient,
  table: string,
  { acts, draw }: { acts: Pick<Acts, 'put'>; draw: () => string },
): Sessions {
  const known = new Map<string, Promise<string>>();

  const find = async (pseudonym: string, signIn: string): Promise<string | null> => {
    const { pk, sk } = sessionKey(pseudonym, signIn);
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, ConsistentRead: true, Key: { pk: { S: pk }, sk: { S: sk } } }),
    );
    return Item?.['session']?.S ?? null;
  };

  async function findOrBegin(
    pseudonym: string,
    signIn: string,
    first: (session: string) => Act,
  ): Promise<string> {
    const session = draw();
    const act = first(session);
    const { pk, sk } = sessionKey(pseudonym, signIn);
    const row = {
      Put: {
        TableName: table,
        ConditionExpression: 'attribute_not_exists(pk)',
        Item: {
          pk: { S: pk },
          sk: { S: sk },
          session: { S: session },
          since: { S: act.time },
          expiresAt: { N: String(Math.floor(Date.parse(act.time) / 1000) + KEEP_SECONDS) },
        },
      },
    };
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const standing = await find(pseudonym, signIn);
      if (standing) return standing;
      if (!(await transact(client, [row, await acts.put(act)]))) return session;
    }
    throw new Contention('the sign-in could not be recorded');
  }

  return {
    nameOf(pseudonym, signIn, first) {
      const key = `${pseudonym}/${signIn}`;
      const remembered = known.get(key);
      if (remembered) return remembered;
      if (known.size >= REMEMBERED) known.clear();
      const name = findOrBegin(pseudonym, signIn, first);
      known.set(key, name);
      // What could not be recorded is tried again by the next request.
      name.catch(() => known.delete(key));
      return name;
    },
  };
}
