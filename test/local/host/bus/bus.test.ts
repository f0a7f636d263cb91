import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bus, startBus } from '../../../../local/host/bus/bus.ts';
import type { Parcel } from '../../../../local/host/bus/delivery.ts';
import type { Rule } from '../../../../local/host/bus/rules.ts';
import type { Json } from '../../../../local/host/services.ts';

let bus: Bus;
let sent: Parcel[] = [];
const rule = (name: string, matches: (event: Json) => boolean): Rule => ({
  ...{ arn: name, bus: 'own', matches, targets: [{ arn: name }] },
});

beforeAll(async () => {
  bus = await startBus();
  const rules = [rule('all', () => true), rule('only-a', (event) => event['detail-type'] === 'a')];
  const deliver = async (parcels: Parcel[]) => {
    sent = parcels;
    return new Set(parcels.filter((parcel) => parcel.body.includes('unreachable')));
  };
  bus.open(rules, deliver, new Set(['default', 'own']));
});
afterAll(() => bus.close());

async function put(Entries: Json[]): Promise<{ status: number; body: Json }> {
  const answer = await fetch(bus.url, {
    method: 'POST',
    headers: { 'x-amz-target': 'AWSEvents.PutEvents' },
    body: JSON.stringify({ Entries }),
  });
  return { status: answer.status, body: (await answer.json()) as Json };
}

const entry = (more: Json = {}): Json => ({
  ...{ EventBusName: 'own', Source: 's', DetailType: 'a', Detail: '{"n":1}', ...more },
});

describe('PutEvents', () => {
  it('hands each entry to the targets of the rules that match, as an event', async () => {
    const { body } = await put([entry({ Time: 1_700_000_000 }), entry({ DetailType: 'b' })]);
    expect(body['FailedEntryCount']).toBe(0);
    expect(sent.map((parcel) => parcel.target.arn)).toEqual(['all', 'only-a', 'all']);
    expect(JSON.parse(sent[0]?.body ?? '')).toEqual({
      ...{ version: '0', id: (body['Entries'] as Json[])[0]?.['EventId'], 'detail-type': 'a', source: 's' },
      ...{ account: '000000000000', time: '2023-11-14T22:13:20Z', region: 'eu-west-1', resources: [] },
      detail: { n: 1 },
    });
  });

  it('fails an entry that did not reach a target, and only that one', async () => {
    const { body } = await put([entry(), entry({ Detail: '{"n":"unreachable"}' }), entry()]);
    expect(body['FailedEntryCount']).toBe(1);
    expect((body['Entries'] as Json[]).map((result) => result['ErrorCode'])).toEqual([
      undefined,
      'InternalFailure',
      undefined,
    ]);
  });

  it.each([
    [{ Source: '' }, 'InvalidArgument'],
    [{ DetailType: null }, 'InvalidArgument'],
    [{ Detail: 'no json' }, 'MalformedDetail'],
    [{ Detail: '[1]' }, 'MalformedDetail'],
    [{ Source: 'aws.s3' }, 'NotAuthorizedForSourceException'],
  ])('fails the entry %j alone with %s', async (more, code) => {
    const { status, body } = await put([entry(more as Json), entry()]);
    expect([status, body['FailedEntryCount']]).toEqual([200, 1]);
    expect((body['Entries'] as Json[])[0]?.['ErrorCode']).toBe(code);
    expect(sent).toHaveLength(2);
  });

  it('drops an event for a bus that is not there, as EventBridge does', async () => {
    const { body } = await put([
      entry({ EventBusName: 'arn:aws:events:eu-west-1:000000000000:event-bus/other' }),
    ]);
    expect(body['FailedEntryCount']).toBe(0);
    expect(sent).toEqual([]);
  });

  it('knows its bus by its ARN', async () => {
    await put([entry({ EventBusName: 'arn:aws:events:eu-west-1:000000000000:event-bus/own' })]);
    expect(sent).toHaveLength(2);
  });

  it('refuses more than ten entries, none, and more than 1 MB', async () => {
    const large = entry({ Detail: JSON.stringify({ text: 'x'.repeat(600_000) }) });
    for (const entries of [[], Array.from({ length: 11 }, () => entry()), [large, large]]) {
      const { status, body } = await put(entries);
      expect([status, body['__type']]).toEqual([400, 'ValidationException']);
    }
    expect((await put([large])).status).toBe(200);
  });

  it('fails entries on purpose for tests', async () => {
    bus.setFault((_entry, index) => (index === 1 ? 'ThrottlingException' : undefined));
    const { body } = await put([entry(), entry()]);
    bus.setFault(undefined);
    expect((body['Entries'] as Json[])[1]?.['ErrorCode']).toBe('ThrottlingException');
    expect(sent).toHaveLength(2);
  });
});
