import type { Log } from '../functions/output.ts';
import type { Queue } from '../provision/queues.ts';
import type { Table } from '../provision/tables.ts';
import { type Json, region, type Services } from '../services.ts';
import { TemplateError } from '../template/intrinsics.ts';
import { keepFailure } from './failure.ts';
import type { Mapping } from './mapping.ts';
import { openPositions } from './positions.ts';
import { startQueue } from './queue.ts';
import { openStream } from './shards.ts';
import { type Source, startStream } from './stream.ts';

/** What waits, by the label of the queue, and of the function that reads a stream. */
export interface Backlog {
  queues: Record<string, { visible: number; inFlight: number; delayed: number }>;
  streams: Record<string, number>;
}

export interface Sources {
  /** Looks at every stream at once. */
  wake(): void;
  setPaused(functionName: string, paused: boolean): void;
  backlog(): Promise<Backlog>;
  stop(): Promise<void>;
}

export interface SourcesOptions {
  mappings: Mapping[];
  services: Services;
  tables: Table[];
  queues: Queue[];
  queueOf(arn: string): Queue | undefined;
  dataDir: string;
  visibilityTimeoutSeconds?: number;
  longestBackoffMs?: number;
  log: Log;
}

/** Starts the event source mappings. */
export function startSources(options: SourcesOptions): Sources {
  const { mappings, services, queues } = options;
  const streams: Source[] = [];
  const readers: Source[] = [];
  for (const mapping of mappings) {
    if (mapping.sourceArn.startsWith('arn:aws:dynamodb:')) streams.push(startTableStream(mapping, options));
    else readers.push(startReader(mapping, options));
  }
  const all = [...streams, ...readers];

  return {
    wake: () => streams.forEach((source) => void source.wake()),
    setPaused(functionName, paused) {
      for (const source of all) {
        if (source.mapping.runner.definition.name === functionName) source.setPaused(paused);
      }
    },
    async backlog() {
      const counts = queues.map(
        async (queue) => [queue.label, await countMessages(services, queue)] as const,
      );
      const pending = streams.map(
        async (source) => [source.mapping.runner.definition.label, await source.backlog()] as const,
      );
      return {
        queues: Object.fromEntries(await Promise.all(counts)),
        streams: Object.fromEntries(await Promise.all(pending)),
      };
    },
    stop: async () => void (await Promise.all(all.map((source) => source.stop()))),
  };
}

function startTableStream(mapping: Mapping, options: SourcesOptions): Source {
  const { services, tables, queueOf, log, longestBackoffMs } = options;
  const table = tables.find((candidate) => candidate.streamArn === mapping.sourceArn);
  if (!table?.localStreamArn) throw new TemplateError(mapping.id, `no stream ${mapping.sourceArn}`);
  return startStream({
    mapping,
    stream: openStream(services, table.localStreamArn, mapping.sourceArn, region),
    positions: openPositions(options.dataDir, mapping.id, table.localStreamArn),
    keepFailure: (shardId, given) => keepFailure(mapping, shardId, given, { services, queueOf }),
    log,
    ...(longestBackoffMs !== undefined && { longestBackoffMs }),
  });
}

function startReader(mapping: Mapping, options: SourcesOptions): Source {
  const { services, queueOf, log, visibilityTimeoutSeconds } = options;
  const queue = queueOf(mapping.sourceArn);
  if (!queue) throw new TemplateError(mapping.id, `the host has no event source ${mapping.sourceArn}`);
  return startQueue({
    ...{ mapping, queue, services, log },
    ...(visibilityTimeoutSeconds !== undefined && { visibilityTimeoutSeconds }),
  });
}

const countNames = {
  visible: 'ApproximateNumberOfMessages',
  inFlight: 'ApproximateNumberOfMessagesNotVisible',
  delayed: 'ApproximateNumberOfMessagesDelayed',
};

async function countMessages(services: Services, queue: Queue) {
  const answer = await services.sqs('GetQueueAttributes', {
    QueueUrl: queue.url,
    AttributeNames: Object.values(countNames),
  });
  const attributes = (answer['Attributes'] ?? {}) as Json;
  return {
    visible: Number(attributes[countNames.visible] ?? 0),
    inFlight: Number(attributes[countNames.inFlight] ?? 0),
    delayed: Number(attributes[countNames.delayed] ?? 0),
  };
}
