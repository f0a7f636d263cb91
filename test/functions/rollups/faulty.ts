import { DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb';

/** What DynamoDB Local never does: a transaction that conflicts, is throttled, is written though its answer is lost, or finds nobody there. */
export type Fault = 'conflict' | 'throttle' | 'lost answer' | 'crash';

interface When {
  fault: Fault;
  /** Every n-th transaction. */
  every?: number;
  /** All transactions after so many. */
  after?: number;
}

/** The real SDK on a real table, with faults put between the two. */
export function faulty(endpoint: string, { fault, every, after }: When) {
  const client = new DynamoDBClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: fault === 'crash' ? 1 : 3,
  });
  let writes = 0;
  let faults = 0;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context['commandName'] !== 'TransactWriteItemsCommand') return next(args);
      writes += 1;
      const strikes = every ? writes % every === 0 : after !== undefined && writes > after;
      if (!strikes) return next(args);
      faults += 1;
      if (fault === 'lost answer') await next(args);
      throw errorOf(fault, args.input as { TransactItems: unknown[] });
    },
    // Inside the SDK's own retries, as the network is.
    { step: 'finalizeRequest', priority: 'low', name: 'faults' },
  );
  return { client, faults: () => faults };
}

function errorOf(fault: Fault, { TransactItems }: { TransactItems: unknown[] }): Error {
  const metadata = { $metadata: {}, $fault: 'client' as const };
  if (fault === 'crash') return Object.assign(new Error('the process is gone'), metadata);
  if (fault === 'lost answer')
    return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET', name: 'TimeoutError' });
  const Code = fault === 'conflict' ? 'TransactionConflict' : 'ThrottlingError';
  return new TransactionCanceledException({
    message: 'Transaction cancelled',
    CancellationReasons: TransactItems.map((_, index) => (index === 0 ? { Code } : { Code: 'None' })),
    $metadata: {},
  });
}
