import type { Log } from '../functions/output.ts';
import type { Outcome } from '../functions/runner.ts';
import type { Queue } from '../provision/queues.ts';
import { type Json, region, type Services } from '../services.ts';
import { failuresIn, type Mapping } from './mapping.ts';
import type { Source } from './stream.ts';
import { makeWaiter } from './waiter.ts';

export interface QueueOptions {
  mapping: Mapping;
  queue: Queue;
  services: Services;
  /** Makes a received message visible again sooner than the queue says. */
  visibilityTimeoutSeconds?: number;
  log: Log;
}

interface Message extends Json {
  MessageId: string;
  ReceiptHandle: string;
  Body: string;
}

/** A receive answers at once when a message comes; a stop waits for at most this long. */
const waitSeconds = 1;
/** SQS gives at most 10 messages a call, and takes as many deletions. */
const perCall = 10;

/**
 * Receives batches and hands them to the function, up to the mapping's concurrency at once. What succeeded is
 * deleted; what failed comes back when its visibility timeout is over, and the queue itself sends it to its
 * dead-letter queue in the end.
 */
export function startQueue(options: QueueOptions): Source {
  const { mapping, queue, services, log } = options;
  const QueueUrl = queue.url;
  const waiter = makeWaiter();
  const inFlight = new Set<Promise<void>>();
  let stopped = false;
  let paused = false;
  let handling = 0;
  const loop = run();

  async function run(): Promise<void> {
    while (!stopped) {
      if (paused) {
        await waiter.wait(1000);
        continue;
      }
      try {
        if (inFlight.size >= mapping.maximumConcurrency) {
          await Promise.race(inFlight);
          continue;
        }
        const messages = await receiveBatch();
        if (messages.length === 0) continue;
        if (stopped || paused) await putBack(messages);
        else dispatch(messages);
      } catch (error) {
        if (!stopped) log(`${mapping.label}: ${String(error)}`);
        await waiter.wait(200);
      }
    }
  }

  async function receiveBatch(): Promise<Message[]> {
    const messages = await receive(Math.min(perCall, mapping.batchSize), waitSeconds);
    const until = Date.now() + mapping.batchingWindowMs;
    while (messages.length > 0 && messages.length < mapping.batchSize && Date.now() < until && !stopped) {
      const wait = until - Date.now() >= 1000 ? 1 : 0;
      const more = await receive(Math.min(perCall, mapping.batchSize - messages.length), wait);
      if (more.length === 0 && wait === 0) await waiter.wait(50);
      messages.push(...more);
    }
    return messages;
  }

  async function receive(MaxNumberOfMessages: number, WaitTimeSeconds: number): Promise<Message[]> {
    const cap = options.visibilityTimeoutSeconds;
    const answer = await services.sqs('ReceiveMessage', {
      QueueUrl,
      MaxNumberOfMessages,
      WaitTimeSeconds,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
      // What waits for company must not come back meanwhile.
      ...(cap !== undefined && { VisibilityTimeout: cap + mapping.batchingWindowMs / 1000 }),
    });
    return (answer['Messages'] ?? []) as Message[];
  }

  function dispatch(messages: Message[]): void {
    const work = handle(messages)
      .catch((error: unknown) => log(`${mapping.label}: ${String(error)}`))
      .finally(() => inFlight.delete(work));
    inFlight.add(work);
  }

  async function handle(messages: Message[]): Promise<void> {
    const records = messages.map((message) => toRecord(message, queue.arn));
    const wanted = records.filter((record) => mapping.passes(withParsedBody(record)));
    handling += wanted.length;
    try {
      const kept = wanted.length > 0 ? failed(wanted, await invoke(wanted)) : new Set();
      // A message that no filter wants is deleted, as Lambda does.
      await remove(messages.filter((message) => !kept.has(message.MessageId)));
    } finally {
      handling -= wanted.length;
    }
  }

  const invoke = (records: Json[]) => mapping.runner.invoke(JSON.stringify({ Records: records }));

  function failed(records: Json[], outcome: Outcome): Set<string> {
    const ids = new Set(records.map((record) => String(record['messageId'])));
    if (!outcome.ok) return ids;
    if (!mapping.reportsFailures) return new Set();
    const named = failuresIn(outcome.payload, ids);
    return named === 'all' ? ids : named;
  }

  async function remove(messages: Message[]): Promise<void> {
    for (let from = 0; from < messages.length; from += perCall) {
      const Entries = messages
        .slice(from, from + perCall)
        .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await services.sqs('DeleteMessageBatch', { QueueUrl, Entries });
    }
  }

  /** In a second: with 0 the queue server answers 500 and loses sight of the message until its next start (fauxqs 2.4.1). */
  async function putBack(messages: Message[]): Promise<void> {
    await Promise.all(
      messages.map(({ ReceiptHandle }) =>
        services.sqs('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 1 }),
      ),
    );
  }

  return {
    mapping,
    wake: () => waiter.wake(),
    setPaused(wanted) {
      paused = wanted;
      waiter.wake();
    },
    backlog: () => Promise.resolve(handling),
    async stop() {
      stopped = true;
      waiter.wake();
      await loop;
      await Promise.all(inFlight);
    },
  };
}

/** The record of a message as Lambda delivers it. */
function toRecord(message: Message, eventSourceARN: string): Json {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message['Attributes'] ?? {},
    messageAttributes: toMessageAttributes((message['MessageAttributes'] ?? {}) as Record<string, Json>),
    md5OfBody: message['MD5OfBody'],
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion: region,
  };
}

function toMessageAttributes(attributes: Record<string, Json>): Json {
  const found: Json = {};
  for (const [name, { StringValue, BinaryValue, DataType }] of Object.entries(attributes)) {
    found[name] = {
      ...(StringValue !== undefined && { stringValue: StringValue }),
      ...(BinaryValue !== undefined && { binaryValue: BinaryValue }),
      stringListValues: [],
      binaryListValues: [],
      dataType: DataType,
    };
  }
  return found;
}

/** Filters see a body that is JSON as an object. */
function withParsedBody(record: Json): Json {
  try {
    return { ...record, body: JSON.parse(String(record['body'])) };
  } catch {
    return record;
  }
}
