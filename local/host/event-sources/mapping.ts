import { compilePattern, matchesPattern } from '../../../shared/event-pattern/pattern.ts';
import type { FunctionRunner } from '../functions/runner.ts';
import type { Json } from '../services.ts';
import type { Resource } from '../template/assembly.ts';
import type { Cloud } from '../template/cloud.ts';
import { TemplateError } from '../template/intrinsics.ts';

/** An `AWS::Lambda::EventSourceMapping`, its defaults filled in as Lambda does. */
export interface Mapping {
  /** The same at every start. */
  id: string;
  /** Its name for people. */
  label: string;
  sourceArn: string;
  runner: FunctionRunner;
  batchSize: number;
  batchingWindowMs: number;
  /** The answer names the failed records (`ReportBatchItemFailures`). */
  reportsFailures: boolean;
  /** True for a record that some filter lets through, or when there is none. */
  passes(record: Json): boolean;
  /** Streams only. */
  startsAt: 'TRIM_HORIZON' | 'LATEST';
  bisects: boolean;
  maximumRetries: number;
  maximumAgeMs: number;
  onFailureArn?: string;
  /** Queues only. */
  maximumConcurrency: number;
}

const unlimited = -1;

export function readMappings(cloud: Cloud, runnerOf: (arn: string) => FunctionRunner | undefined): Mapping[] {
  return cloud
    .resources('AWS::Lambda::EventSourceMapping')
    .filter((resource) => cloud.property(resource, 'Enabled') !== false)
    .map((resource) => readMapping(cloud, resource, runnerOf));
}

function readMapping(
  cloud: Cloud,
  resource: Resource,
  runnerOf: (arn: string) => FunctionRunner | undefined,
): Mapping {
  const where = `${resource.stack}.${resource.logicalId}`;
  const get = (name: string) => cloud.property(resource, name);
  const number = (name: string, otherwise: number) => Number(get(name) ?? otherwise);
  const sourceArn = String(get('EventSourceArn'));
  const functionName = String(get('FunctionName'));
  const runner = runnerOf(functionName);
  if (!runner) throw new TemplateError(where, `its function ${functionName} is not in the assembly`);
  const isQueue = sourceArn.startsWith('arn:aws:sqs:');
  const batchSize = number('BatchSize', isQueue ? 10 : 100);
  const batchingWindow = number('MaximumBatchingWindowInSeconds', 0);
  // Source: "BatchSize" of CreateEventSourceMapping in the Lambda API reference.
  if (isQueue && batchSize > 10 && batchingWindow < 1) {
    throw new TemplateError(
      where,
      'more than 10 messages in a batch need a batching window of at least 1 second',
    );
  }
  if (sourceArn.endsWith('.fifo') && (batchSize > 10 || batchingWindow > 0)) {
    throw new TemplateError(where, 'a FIFO queue has no batching window, and batches of at most 10 messages');
  }
  const retries = number('MaximumRetryAttempts', unlimited);
  const age = number('MaximumRecordAgeInSeconds', unlimited);
  const destination = ((get('DestinationConfig') as Json | undefined)?.['OnFailure'] as Json | undefined)?.[
    'Destination'
  ];
  return {
    id: cloud.nameOf(resource),
    label: resource.label,
    sourceArn,
    runner,
    batchSize,
    batchingWindowMs: batchingWindow * 1000,
    reportsFailures: ((get('FunctionResponseTypes') ?? []) as string[]).includes('ReportBatchItemFailures'),
    passes: readFilter((get('FilterCriteria') as Json | undefined)?.['Filters'], where),
    startsAt: get('StartingPosition') === 'LATEST' ? 'LATEST' : 'TRIM_HORIZON',
    bisects: get('BisectBatchOnFunctionError') === true,
    maximumRetries: retries === unlimited ? Number.POSITIVE_INFINITY : retries,
    maximumAgeMs: age === unlimited ? Number.POSITIVE_INFINITY : age * 1000,
    ...(typeof destination === 'string' && { onFailureArn: destination }),
    // A standard queue is first read by five pollers; that is enough for one machine.
    maximumConcurrency: Number((get('ScalingConfig') as Json | undefined)?.['MaximumConcurrency'] ?? 5),
  };
}

function readFilter(filters: unknown, where: string): Mapping['passes'] {
  if (!Array.isArray(filters) || filters.length === 0) return () => true;
  const patterns = filters.map((filter: Json) => {
    const compiled = compilePattern(JSON.parse(String(filter['Pattern'])));
    if (!compiled.ok) throw new TemplateError(where, `bad filter: ${JSON.stringify(compiled.errors)}`);
    return compiled.pattern;
  });
  return (record) => patterns.some((pattern) => matchesPattern(pattern, record));
}

/**
 * Identifiers in `batchItemFailures`; `all` when the answer is one that Lambda takes for a complete failure
 * (an empty or unknown identifier). Source: "Reporting batch item failures" of the Lambda guide.
 */
export function failuresIn(payload: string, known: ReadonlySet<string>): Set<string> | 'all' {
  const answer = JSON.parse(payload) as { batchItemFailures?: { itemIdentifier?: unknown }[] | null } | null;
  if (typeof answer !== 'object' || answer === null) return new Set();
  const failed = new Set<string>();
  for (const item of answer.batchItemFailures ?? []) {
    const id = item?.itemIdentifier;
    if (typeof id !== 'string' || !known.has(id)) return 'all';
    failed.add(id);
  }
  return failed;
}
