/** What one call to a service needs: every pair must be granted. */
export interface Need {
  action: string;
  resource: string;
}

export interface Place {
  region: string;
  account: string;
}

interface Body {
  [name: string]: unknown;
}

/** A call whose needs the host cannot tell; it is refused rather than let through. */
export class UnknownCall extends Error {
  constructor(operation: string) {
    super(`the host does not know which grants ${operation} needs`);
    this.name = 'UnknownCall';
  }
}

/**
 * Needs of a call in one of the JSON protocols. `target` is its `x-amz-target`.
 * Source: "Actions, resources, and condition keys" of each service in the Service Authorization Reference;
 * transactions need the rights of the single operations they hold.
 */
export function needsOfTarget(target: string, body: Body, place: Place): Need[] {
  const dot = target.indexOf('.');
  const service = target.slice(0, dot);
  const operation = target.slice(dot + 1);
  if (service === 'DynamoDB_20120810') return dynamodb(operation, body, place);
  if (service === 'AmazonSQS') return sqs(operation, body, place);
  // A key has a policy of its own, so KMS decides.
  if (service === 'TrentService') return [];
  if (service === 'AWSEvents' && operation === 'PutEvents') return putEvents(body, place);
  throw new UnknownCall(target);
}

/** Operations that change items; the host polls the streams at once after one. */
export function writesItems(target: string): boolean {
  return /\.(PutItem|UpdateItem|DeleteItem|BatchWriteItem|TransactWriteItems)$/.test(target);
}

const transactAction: Record<string, string> = {
  Put: 'dynamodb:PutItem',
  Update: 'dynamodb:UpdateItem',
  Delete: 'dynamodb:DeleteItem',
  ConditionCheck: 'dynamodb:ConditionCheckItem',
  Get: 'dynamodb:GetItem',
};

const singleTable = new Set([
  'DeleteItem',
  'DescribeTable',
  'DescribeTimeToLive',
  'GetItem',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
]);

function dynamodb(operation: string, body: Body, place: Place): Need[] {
  if (operation === 'TransactWriteItems' || operation === 'TransactGetItems') {
    const items = (body['TransactItems'] ?? []) as Body[];
    return items.flatMap((item) =>
      Object.entries(item).map(([kind, request]) => {
        const action = transactAction[kind];
        if (!action) throw new UnknownCall(`${operation} with ${kind}`);
        return { action, resource: tableArn((request as Body)['TableName'], place) };
      }),
    );
  }
  const action = `dynamodb:${operation}`;
  if (operation === 'BatchGetItem' || operation === 'BatchWriteItem') {
    const tables = Object.keys((body['RequestItems'] ?? {}) as Body);
    return tables.map((table) => ({ action, resource: tableArn(table, place) }));
  }
  if (!singleTable.has(operation)) throw new UnknownCall(action);
  const table = tableArn(body['TableName'], place);
  const index = body['IndexName'];
  return [{ action, resource: index === undefined ? table : `${table}/index/${index}` }];
}

function tableArn(name: unknown, place: Place): string {
  const text = String(name);
  if (text.startsWith('arn:')) return text;
  return `arn:aws:dynamodb:${place.region}:${place.account}:table/${text}`;
}

const batchOf: Record<string, string> = {
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
  DeleteMessageBatch: 'DeleteMessage',
  SendMessageBatch: 'SendMessage',
};

function sqs(operation: string, body: Body, place: Place): Need[] {
  const named = body['QueueUrl'] ?? body['QueueName'];
  if (named === undefined) throw new UnknownCall(`sqs:${operation}`);
  const name = String(named).split('/').at(-1);
  const resource = `arn:aws:sqs:${place.region}:${place.account}:${name}`;
  return [{ action: `sqs:${batchOf[operation] ?? operation}`, resource }];
}

function putEvents(body: Body, place: Place): Need[] {
  const entries = (body['Entries'] ?? []) as Body[];
  const buses = new Set(entries.map((entry) => String(entry['EventBusName'] ?? 'default')));
  return [...buses].map((bus) => ({
    action: 'events:PutEvents',
    resource: bus.startsWith('arn:')
      ? bus
      : `arn:aws:events:${place.region}:${place.account}:event-bus/${bus}`,
  }));
}
