import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** One client a function: connections are kept alive between invocations. */
export const dynamodb = (): DynamoDBClient => new DynamoDBClient({ maxAttempts: 4 });
