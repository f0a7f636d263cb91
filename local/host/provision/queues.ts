import { type Json, type JsonValue, ServiceError, type Services } from '../services.ts';
import type { Resource } from '../template/assembly.ts';
import type { Cloud } from '../template/cloud.ts';

export interface Queue {
  name: string;
  /** Its name for people. */
  label: string;
  url: string;
  arn: string;
  fifo: boolean;
}

/** Properties of a queue that SQS takes as attributes of the same name; the rest only matters on AWS. */
const attributes = [
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'DelaySeconds',
  'FifoThroughputLimit',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedrivePolicy',
  'VisibilityTimeout',
];

/** Creates each queue of the template, or brings the attributes of the one that is there up to date. */
export async function provisionQueues(cloud: Cloud, services: Services): Promise<Queue[]> {
  const queues: Queue[] = [];
  for (const resource of cloud.resources('AWS::SQS::Queue')) {
    const name = cloud.nameOf(resource);
    const fifo = cloud.property(resource, 'FifoQueue') === true;
    const wanted = attributesOf(cloud, resource);
    const url = await ensureQueue(services, name, wanted, fifo);
    queues.push({ name, label: resource.label, url, arn: cloud.arnOf(resource), fifo });
  }
  return queues;
}

async function ensureQueue(services: Services, name: string, wanted: Json, fifo: boolean): Promise<string> {
  const Attributes = fifo ? { ...wanted, FifoQueue: 'true' } : wanted;
  try {
    return String((await services.sqs('CreateQueue', { QueueName: name, Attributes }))['QueueUrl']);
  } catch (error) {
    if (!(error instanceof ServiceError) || !/QueueNameExists|QueueAlreadyExists/.test(error.code))
      throw error;
    const url = String((await services.sqs('GetQueueUrl', { QueueName: name }))['QueueUrl']);
    await services.sqs('SetQueueAttributes', { QueueUrl: url, Attributes: wanted });
    return url;
  }
}

function attributesOf(cloud: Cloud, resource: Resource): Json {
  const found: Json = {};
  for (const name of attributes) {
    const value = cloud.property(resource, name);
    if (value !== undefined) found[name] = asText(value);
  }
  return found;
}

function asText(value: JsonValue): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
