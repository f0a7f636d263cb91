import { readAsynchronousRules } from './bus/asynchronous.ts';
import { makeDelivery } from './bus/delivery.ts';
import { readRules } from './bus/rules.ts';
import { readMappings } from './event-sources/mapping.ts';
import { type Backlog, startSources } from './event-sources/sources.ts';
import { type Faults, makeFaults } from './faults.ts';
import { defineFunction } from './functions/definition.ts';
import type { Log } from './functions/output.ts';
import { type FunctionRunner, makeRunner, type Statistics } from './functions/runner.ts';
import { checkWiring } from './grants/wiring.ts';
import { answerNothing, listen, readApi } from './http-api/api.ts';
import { makeFront } from './http-api/front.ts';
import { makeUrlDoor, readFunctionUrls } from './http-api/function-urls.ts';
import { startImitated } from './imitated.ts';
import { provisionBuckets } from './provision/buckets.ts';
import { provisionQueues } from './provision/queues.ts';
import { provisionTables } from './provision/tables.ts';
import { readSchedules, startSchedules } from './schedules/schedules.ts';
import { connectServices, type Endpoints } from './services.ts';
import { loadAssembly } from './template/assembly.ts';
import { makeCloud } from './template/cloud.ts';

export type { Endpoints } from './services.ts';

export interface HostOptions {
  /** Path of `cdk.out`. */
  assembly: string;
  endpoints: Endpoints;
  /** Stream positions are kept here. */
  dataDir: string;
  /** 0 takes a free one. */
  httpPort: number;
  /** Values in place of the template's, for variables that the template has. */
  environment?: Record<string, string>;
  /** CloudFormation parameters by name. */
  parameters?: Record<string, string>;
  /** Caps the time after which a message that failed comes back; without it each queue's own timeout holds. */
  visibilityTimeoutSeconds?: number;
  /** Caps the wait between two attempts at a batch of stream records; 1000 without it. */
  longestBackoffMs?: number;
  log?: Log;
}

export interface Host {
  /** Base URL of the HTTP API. */
  url: string;
  /** Base URLs of the object store and of KMS, as the functions reach them. */
  urls: { objects: string; kms: string };
  /** Ends what the host started; batches that are being handled are finished first. */
  stop(): Promise<void>;
  /**
   * Event sources and schedules of the function stand still; direct requests still reach it. Functions are
   * named by their label (the construct path without the stack, such as `rollups-project`) or physical name.
   */
  pause(functionName: string): void;
  resume(functionName: string): void;
  /** By the function's label. */
  invocations(): Record<string, Statistics>;
  backlog(): Promise<Backlog>;
  /** Invokes a function with an event, as `aws lambda invoke` does; its answer. Throws what the function threw. */
  invoke(functionName: string, event: unknown): Promise<unknown>;
  /** Runs what is scheduled for a function now, paused or not, and waits for its end. Throws when nothing is. */
  fireSchedules(functionName: string): Promise<void>;
  faults: Faults;
}

/**
 * Runs a synthesised cloud assembly against the services at `endpoints`: its tables, queues and buckets are
 * made when they are not there, its functions, routes, event sources, rules and schedules are started.
 * Throws `TemplateError` when the template asks for something the host does not have.
 */
export async function startHost(options: HostOptions): Promise<Host> {
  const log = options.log ?? (() => {});
  const assembly = loadAssembly(options.assembly);
  const services = connectServices(options.endpoints);
  const closing: (() => unknown)[] = [() => services.close()];
  try {
    return await start();
  } catch (error) {
    for (const close of closing.reverse()) await close();
    throw error;
  }

  async function start(): Promise<Host> {
    const front = await listen(options.httpPort);
    closing.push(front.close);
    const { endpoints, parameters = {} } = options;
    const cloud = makeCloud(assembly, { endpoints, apiUrl: front.url, parameters });

    // All tables before anything writes.
    const tables = await provisionTables(cloud, services);
    const queues = await provisionQueues(cloud, services);
    await provisionBuckets(cloud, services);

    const runners = new Map<string, FunctionRunner>();
    const runnerOf = (nameOrArn: string) => runners.get(functionName(nameOrArn));
    const { dataDir } = options;
    const imitated: (() => Promise<void>)[] = [];
    closing.push(() => Promise.all(imitated.map((close) => close())));
    const onClose = (close: () => Promise<void>) => void imitated.push(close);
    const { bus, urls } = await startImitated({ cloud, endpoints, dataDir, runnerOf, log, onClose });
    const sources: { wake(): void }[] = [];
    const around = {
      endpoints: {
        DYNAMODB: endpoints.dynamodb,
        SQS: endpoints.sqs,
        S3: urls.objects,
        EVENTBRIDGE: bus.url,
        KMS: urls.kms,
      },
      environment: options.environment ?? {},
    };
    for (const resource of cloud.resources('AWS::Lambda::Function')) {
      const definition = defineFunction(cloud, resource, around);
      const onWrites = () => sources.forEach((source) => void source.wake());
      runners.set(definition.name, makeRunner(definition, { log, onWrites }));
    }
    closing.push(() => Promise.all([...runners.values()].map((runner) => runner.stop())));
    const queueOf = (arn: string) => queues.find((queue) => queue.arn === arn);

    const deliver = makeDelivery({
      services,
      queueOf,
      runnerOf,
      asynchronous: readAsynchronousRules(cloud),
      log,
    });
    const buses = cloud.resources('AWS::Events::EventBus').map((resource) => cloud.nameOf(resource));
    const rules = readRules(cloud);
    bus.open(rules, deliver, new Set(['default', ...buses]));

    const api = readApi(cloud, front.url, runnerOf);
    const functionUrls = readFunctionUrls(cloud, runnerOf);
    const paused = new Set<string>();
    const isPaused = (arn: string) => paused.has(functionName(arn));
    const schedules = readSchedules(cloud, Date.now());
    let stopping = false;
    const mappings = readMappings(cloud, runnerOf);
    const scheduled = schedules.filter((schedule) => schedule.isRule);
    checkWiring(cloud, {
      mappings,
      rules: [...rules, ...scheduled],
      routes: api?.routes ?? [],
      urls: functionUrls,
    });

    const { visibilityTimeoutSeconds, longestBackoffMs } = options;
    const events = startSources({
      ...{ mappings, services, tables, queues, queueOf, log, dataDir },
      ...(visibilityTimeoutSeconds !== undefined && { visibilityTimeoutSeconds }),
      ...(longestBackoffMs !== undefined && { longestBackoffMs }),
    });
    closing.push(events.stop);
    sources.push(events);
    const clockwork = startSchedules(schedules, { deliver, isPaused, log });
    closing.push(clockwork.stop);
    const byUrl = makeUrlDoor(functionUrls, new URL(front.url).host);
    front.open(makeFront(byUrl, api?.door ?? answerNothing, () => stopping));
    const first = (api?.routes ?? []).map((route) => route.target);
    void prewarm([...first, ...mappings.map((mapping) => mapping.runner)], () => stopping);

    function known(wanted: string): FunctionRunner {
      const all = [...runners.values()];
      const found = all.find(({ definition: { name, label } }) => name === wanted || label === wanted);
      if (found) return found;
      const labels = all.map((runner) => runner.definition.label).join(', ');
      throw new Error(`no function ${wanted}; there are ${labels}`);
    }

    const faults = makeFaults(bus, known);
    function setPaused(wanted: string, value: boolean): void {
      const { name } = known(wanted).definition;
      if (value) paused.add(name);
      else paused.delete(name);
      events.setPaused(name, value);
    }

    return {
      url: front.url,
      urls,
      async stop() {
        stopping = true;
        clockwork.stop();
        await events.stop();
        await front.close();
        faults.close();
        await Promise.all([...runners.values()].map((runner) => runner.stop()));
        for (const close of imitated) await close();
        services.close();
      },
      pause: (name) => setPaused(name, true),
      resume: (name) => setPaused(name, false),
      invocations: () =>
        Object.fromEntries(
          [...runners.values()].map((runner) => [runner.definition.label, runner.statistics()]),
        ),
      backlog: events.backlog,
      async invoke(name, event) {
        const outcome = await known(name).invoke(JSON.stringify(event));
        if (!outcome.ok) throw new Error(outcome.payload);
        return JSON.parse(outcome.payload) as unknown;
      },
      fireSchedules: (name) => clockwork.fire(known(name).definition.arn),
      faults,
    };
  }
}

/** Loads bundles one after the other, so that the first requests find them ready and have the machine. */
async function prewarm(runners: FunctionRunner[], isOver: () => boolean): Promise<void> {
  for (const runner of new Set(runners)) {
    if (isOver()) return;
    await runner.prewarm();
  }
}

/** A function is named by its name, its ARN, or its ARN with a qualifier. */
function functionName(nameOrArn: string): string {
  if (!nameOrArn.startsWith('arn:')) return nameOrArn;
  return nameOrArn.split(':')[6] ?? nameOrArn;
}
