import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json } from '../services.ts';
import type { Deliver, Parcel } from './delivery.ts';
import { type EntryResult, eventOfEntry, requestError } from './entry.ts';
import { busName, type Rule } from './rules.ts';

/** Decides which entries of a call fail on purpose: an error code fails the entry, undefined lets it pass. */
export type PutEventsFault = (entry: Json, index: number) => string | undefined;

/** What becomes of deliveries on their way: EventBridge may repeat them and keeps no order. */
export type Disorder = (parcels: Parcel[]) => Parcel[];

export interface Bus {
  url: string;
  /** What the bus does with entries; rules are known only after the functions. */
  open(rules: Rule[], deliver: Deliver, buses: Set<string>): void;
  setFault(fault: PutEventsFault | undefined): void;
  setDisorder(disorder: Disorder | undefined): void;
  close(): Promise<void>;
}

/**
 * The `PutEvents` endpoint of EventBridge. An entry is accepted when every target it is for (or the target's
 * dead-letter queue) has it; otherwise the entry fails with `InternalFailure`, and the sender tries again.
 */
export async function startBus(): Promise<Bus> {
  let put: ((entries: Json[]) => Promise<EntryResult[]>) | undefined;
  let fault: PutEventsFault | undefined;
  let disorder: Disorder = (parcels) => parcels;
  // Functions keep their connections; one that closes under a call would make them send it again.
  const options = { keepAliveTimeout: 600_000 };
  const server = createServer(options, (request, response) => void answer(request, response));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { Entries } = await readJson(request);
      if (request.headers['x-amz-target'] !== 'AWSEvents.PutEvents') {
        return reply(response, 400, {
          __type: 'UnknownOperationException',
          message: 'only PutEvents is here',
        });
      }
      const error = requestError(Entries);
      if (error !== undefined) return reply(response, 400, { __type: 'ValidationException', message: error });
      const results = put ? await put(Entries as Json[]) : [];
      const failed = results.filter((result) => 'ErrorCode' in result).length;
      reply(response, 200, { FailedEntryCount: failed, Entries: results });
    } catch (error) {
      reply(response, 500, { __type: 'InternalException', message: String(error) });
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open(rules, deliver, buses) {
      put = (entries) =>
        putEvents(entries, { rules, buses, fault, deliver: (parcels) => deliver(disorder(parcels)) });
    },
    setFault(wanted) {
      fault = wanted;
    },
    setDisorder(wanted) {
      disorder = wanted ?? ((parcels) => parcels);
    },
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), 1000).unref();
      });
    },
  };
}

interface Running {
  rules: Rule[];
  deliver: Deliver;
  buses: Set<string>;
  fault: PutEventsFault | undefined;
}

async function putEvents(entries: Json[], { rules, deliver, buses, fault }: Running): Promise<EntryResult[]> {
  const now = new Date();
  const sorted = entries.map((entry, index) => sortEntry(entry, index));
  const lost = await deliver(sorted.flatMap(({ parcels }) => parcels));
  return sorted.map(({ result, parcels }) =>
    parcels.some((parcel) => lost.has(parcel)) ? internalFailure : result,
  );

  function sortEntry(entry: Json, index: number): { result: EntryResult; parcels: Parcel[] } {
    const injected = fault?.(entry, index);
    if (injected !== undefined) {
      return { result: { ErrorCode: injected, ErrorMessage: 'injected' }, parcels: [] };
    }
    const made = eventOfEntry(entry, now);
    if ('error' in made) return { result: made.error, parcels: [] };
    const { event } = made;
    const id = String(event['id']);
    const bus = busName(String(entry['EventBusName'] ?? 'default'));
    // EventBridge accepts an event for a bus that is not there and drops it.
    if (!buses.has(bus)) return { result: { EventId: id }, parcels: [] };
    const body = JSON.stringify(event);
    const parcels = rules
      .filter((rule) => rule.bus === bus && rule.matches(event))
      .flatMap((rule) => rule.targets)
      .map((target) => ({ target, id, body: target.input ?? body }));
    return { result: { EventId: id }, parcels };
  }
}

const internalFailure: EntryResult = {
  ErrorCode: 'InternalFailure',
  ErrorMessage: 'a target and its dead-letter queue could not be reached',
};

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify(body));
}

async function readJson(request: IncomingMessage): Promise<Json> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Json;
}
