import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { throttle, transactionConflict } from '../../../local/host/faults.ts';
import type { Host } from '../../../local/host/host.ts';
import type { Json } from '../../../local/host/services.ts';
import {
  changed,
  item,
  objectsIn,
  queueNames,
  type System,
  startSystem,
  tableNames,
} from './fixture/system.ts';

let system: System;
let host: Host;
let names: { table: string; seen: string };

beforeAll(async () => {
  system = await startSystem();
  host = await system.start({ environment: { FLAG: 'on', NEVER_ASKED: 'x' } });
  names = await tableNames(system.services);
});

afterAll(async () => {
  await host?.stop();
  await system?.end();
});

const get = (path: string, init?: RequestInit) => fetch(host.url + path, init);
const json = async (path: string) => (await (await get(path)).json()) as Json;

async function post(id: string, note = 'plain'): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ id, note });
  return (await get('/things', { method: 'POST', headers, body })).status;
}

const timesSeen = async (id: string) =>
  Number(
    ((await item(system.services, names.seen, `event#${id}`))?.['times'] as Json | undefined)?.['N'] ?? 0,
  );

const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 30_000, interval: 20 });

describe('a function', () => {
  it('has the variables of its template and of Lambda, and nothing of the host', async () => {
    process.env['LEAK'] = 'seen';
    const environment = await json('/environment');
    expect(environment).toMatchObject({ TABLE: names.table, FLAG: 'on', AWS_REGION: 'eu-west-1' });
    expect(environment).not.toHaveProperty('LEAK');
    expect(environment).not.toHaveProperty('PATH');
    // An override does not stand in for a variable that the template lacks.
    expect(environment).not.toHaveProperty('NEVER_ASKED');
  });

  it('may do what its role grants', async () => {
    expect(await post('granted')).toBe(201);
    expect(await json('/things/granted')).toEqual({ note: 'plain' });
    expect(await json('/allowed/queue')).toHaveProperty('Attributes.QueueArn');
  });

  it('is refused what its role does not grant, with action and resource', async () => {
    expect(await json('/forbidden/scan')).toEqual({
      name: 'AccessDeniedException',
      message: `front is not authorized to perform dynamodb:Scan on arn:aws:dynamodb:eu-west-1:000000000000:table/${names.table}`,
    });
    expect(await json('/forbidden/queue')).toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringMatching(/sqs:SendMessage on arn:aws:sqs:.*Things/),
    });
  });

  it('meets conflicts and throttles when they are injected, and the SDK retries what it may', async () => {
    const write = { function: 'front', target: 'DynamoDB_20120810.TransactWriteItems' };
    await host.faults.calls({ ...write, times: 1, ...throttle() });
    expect(await post('throttled')).toBe(201);
    await host.faults.calls({ ...write, times: 1, ...transactionConflict(2) });
    expect(await post('conflict')).toBe(500);
    expect(system.log.join('\n')).toContain('[TransactionConflict, None]');
    expect(await post('conflict')).toBe(201);
  });

  it('that throws gives a bland 500, and the error is in the log', async () => {
    const answer = await get('/throws');
    expect([answer.status, await answer.json()]).toEqual([
      500,
      {
        type: '/problems/internal-error',
        title: 'Internal Server Error',
        status: 500,
        code: 'internal-error',
        detail: 'The function failed; its log says why.',
      },
    ]);
    expect(answer.headers.get('request-id')).toBeTruthy();
    expect(system.log.some((line) => line.startsWith('front: ') && line.includes('a secret'))).toBe(true);
  });

  it('whose answer is no HTTP gives a 500', async () => {
    const answer = await get('/nonsense');
    expect([answer.status, answer.headers.get('x-bad')]).toEqual([500, null]);
  });

  it('that exits is started again', async () => {
    expect((await get('/exits')).status).toBe(500);
    expect((await get('/things/granted')).status).toBe(200);
  });

  it('that takes too long is given up without disturbing others in flight', async () => {
    const hanging = get('/hangs');
    await eventually(async () => expect((await get('/things/granted')).status).toBe(200));
    expect((await hanging).status).toBe(500);
    expect((await get('/things/granted')).status).toBe(200);
    expect(system.log.join('\n')).toContain('Task timed out after 3.00 seconds');
  });
});

/** The raw answer to raw bytes. */
const raw = (bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(host.url).port), '127.0.0.1', () => socket.write(bytes));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += String(chunk);
    });
    socket.on('end', () => resolve(answer)).on('error', reject);
  });

describe('the HTTP API', () => {
  it.each([
    ['no request at all', 'hello\r\n\r\n', 400],
    ['a method nobody knows', 'BREW /things HTTP/1.1\r\nhost: x\r\n\r\n', 400],
    ['no host', 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n', 400],
    ['too many headers', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 431],
    ['an expectation', 'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\nexpect: tea\r\n\r\n', 417],
  ])('answers %s with a problem and a request id', async (_, bytes, status) => {
    const answer = await raw(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toMatch(/^request-id: \S+$/im);
    expect(answer).toContain('application/problem+json');
    expect(answer).toContain(`"status":${status}`);
  });

  it('gives the event of payload format 2.0', async () => {
    const answer = await get('/echo/a%20b/c?x=1&x=2&y=%26', {
      method: 'PUT',
      headers: { 'content-type': 'application/json', cookie: 'k=v; l=w', 'x-many': 'a, b' },
      body: '{"a":"é"}',
    });
    const event = (await answer.json()) as Json;
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'ANY /echo/{proxy+}',
      rawPath: '/echo/a b/c',
      rawQueryString: 'x=1&x=2&y=%26',
      cookies: ['k=v', 'l=w'],
      headers: { 'content-type': 'application/json', 'x-many': 'a, b' },
      queryStringParameters: { x: '1,2', y: '&' },
      pathParameters: { proxy: 'a b/c' },
      requestContext: {
        http: { method: 'PUT', path: '/echo/a b/c', protocol: 'HTTP/1.1' },
        stage: '$default',
      },
      body: '{"a":"é"}',
      isBase64Encoded: false,
    });
    expect(event['headers']).not.toHaveProperty('cookie');
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(answer.headers.get('x-seen')).toBe('yes');
  });

  it.each(['multipart/form-data; boundary=x', 'application/x-www-form-urlencoded'])(
    'gives a body of %s in base64',
    async (type) => {
      const body = new Uint8Array([0, 255, 128]);
      const answer = await get('/echo/x', {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
      const event = (await answer.json()) as Json;
      expect(event['isBase64Encoded']).toBe(true);
      expect([...Buffer.from(String(event['body']), 'base64')]).toEqual([...body]);
    },
  );

  it('answers HEAD without a body, 404 for no route, 413 for more than 10 MB', async () => {
    const head = await get('/echo/x', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect([(await get('/nowhere')).status, (await get('/things', { method: 'PUT' })).status]).toEqual([
      404, 404,
    ]);
    // The client reads the answer only once it has sent everything.
    const large = await get('/echo/x', { method: 'POST', body: 'x'.repeat(10 * 1024 * 1024 + 1) });
    expect([large.status, large.headers.get('request-id')]).toEqual([413, expect.any(String)]);
  });
});

describe('a template in which AWS would lose events', () => {
  const strip = (actions: string[]) => (resource: Json) => {
    const statements = ((resource['PolicyDocument'] as Json)?.['Statement'] ?? []) as Json[];
    for (const statement of statements) {
      const all = [statement['Action']].flat();
      statement['Action'] = all.filter((action) => !actions.includes(String(action)));
    }
  };
  const empty = (resource: Json) => void Object.assign(resource, { FunctionName: 'another' });

  it.each([
    [
      'AWS::IAM::Policy',
      strip(['sqs:ReceiveMessage']),
      /role of consumer lacks sqs:ReceiveMessage on .*Things/,
    ],
    [
      'AWS::IAM::Policy',
      strip(['dynamodb:GetRecords']),
      /role of relay lacks dynamodb:GetRecords on .*stream/,
    ],
    ['AWS::IAM::Policy', strip(['s3:PutObject']), /role of relay lacks s3:PutObject on arn:aws:s3/],
    ['AWS::SQS::QueuePolicy', strip(['sqs:SendMessage']), /Things[^ ]* does not let the rule .*Rule.* in/],
    ['AWS::Lambda::Permission', empty, /front does not let the HTTP API in for POST \/things/],
    ['AWS::Lambda::Permission', empty, /clock does not let the rule .*Clock.* in/],
  ])('is refused: %s', async (type, change, message) => {
    const assembly = changed(system, (resource) => {
      if (resource['Type'] === type) change(resource['Properties'] as Json);
    });
    await expect(system.start({ assembly })).rejects.toThrow(message);
  });
});

describe('from the table to the consumer', () => {
  it('an inserted event record arrives once; the filter keeps the state record back', async () => {
    await post('flow');
    await eventually(async () => expect(await timesSeen('flow')).toBe(1));
    expect(await item(system.services, names.seen, 'state#flow')).toBeUndefined();
  });

  it('a poison record is isolated, kept with its payload, and the others flow', async () => {
    const before = (await objectsIn(system)).length;
    host.pause('relay');
    for (const id of ['p1', 'p2']) await post(id);
    await post('p3', 'poison');
    for (const id of ['p4', 'p5']) await post(id);
    expect(await timesSeen('p1')).toBe(0);
    host.resume('relay');
    for (const id of ['p1', 'p2', 'p4', 'p5'])
      await eventually(async () => expect(await timesSeen(id)).toBe(1));
    const kept = await objectsIn(system);
    expect(kept).toHaveLength(before + 1);
    const failure = kept.at(-1) as { key: string; body: Json };
    expect(failure.key).toMatch(
      /^aws\/lambda\/[^/]+\/shardId-[^/]+\/\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-/,
    );
    expect(failure.body).toMatchObject({
      version: '1.0',
      requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 3 },
      DDBStreamBatchInfo: { batchSize: 1 },
    });
    const { Records } = JSON.parse(String(failure.body['payload']));
    expect(Records[0].dynamodb.NewImage).toMatchObject({ pk: { S: 'event#p3' }, note: { S: 'poison' } });
    expect(Records[0]).toMatchObject({
      eventName: 'INSERT',
      eventSource: 'aws:dynamodb',
      awsRegion: 'eu-west-1',
    });
  });

  it('entries that the bus fails are sent again', async () => {
    let failed = 0;
    host.faults.putEvents((entry) => {
      if (!String(entry['Detail']).includes('event#fault') || failed > 0) return undefined;
      failed++;
      return 'ThrottlingException';
    });
    await post('fault');
    await eventually(async () => expect(await timesSeen('fault')).toBe(1));
    expect(failed).toBe(1);
    host.faults.putEvents(undefined);
  });

  it('deliveries can be repeated and reordered on purpose', async () => {
    host.faults.deliveries((parcels) => [...parcels, ...parcels].reverse());
    await post('twice');
    await eventually(async () => expect(await timesSeen('twice')).toBe(2));
    host.faults.deliveries(undefined);
  });

  it('a function killed in mid-batch goes on with what it had not done', async () => {
    host.pause('relay');
    const ids = Array.from({ length: 6 }, (_, n) => `killed-${n}`);
    for (const id of ids) await post(id);
    const { count } = host.invocations()['relay'] ?? { count: 0 };
    host.resume('relay');
    await vi.waitUntil(() => (host.invocations()['relay']?.count ?? 0) > count, { interval: 1 });
    await host.faults.kill('relay');
    for (const id of ids) {
      await eventually(async () => expect(await timesSeen(id)).toBeGreaterThanOrEqual(1));
    }
  });

  it('a message that fails once comes back; one that always fails ends in the dead-letter queue', async () => {
    const dead = async () => {
      return (await host.backlog()).queues['Dead']?.visible;
    };
    const before = (await dead()) ?? 0;
    await post('again', 'later');
    await post('lost', 'never');
    await eventually(async () => expect(await timesSeen('again')).toBe(1));
    await eventually(async () => expect(await dead()).toBe(before + 1));
    expect(await timesSeen('lost')).toBe(0);
  });

  it('keeps the order of each group of a FIFO queue', async () => {
    const queue = (await queueNames(system.services)).find((name) => name.endsWith('.fifo'));
    const QueueUrl = `${system.endpoints.sqs}/000000000000/${queue}`;
    const bodies = Array.from({ length: 8 }, (_, index) => String(index));
    for (const body of bodies) {
      for (const MessageGroupId of ['a', 'b']) {
        const MessageDeduplicationId = MessageGroupId + body;
        await system.services.sqs('SendMessage', {
          ...{ QueueUrl, MessageGroupId, MessageDeduplicationId, MessageBody: body },
        });
      }
    }
    for (const group of ['a', 'b']) {
      await eventually(async () => {
        const list = ((await item(system.services, names.seen, `group#${group}`))?.['bodies'] as Json)?.[
          'L'
        ] as Json[];
        expect(list?.map((entry) => entry['S'])).toEqual(bodies);
      });
    }
  });

  it('fires a schedule with the standard event', async () => {
    await host.fireSchedules('clock');
    expect(await item(system.services, names.seen, 'clock')).toMatchObject({
      kind: { S: 'Scheduled Event' },
    });
    await expect(host.fireSchedules('front')).rejects.toThrow(/nothing is scheduled for .*front/);
  });

  it('fires a schedule by hand while the function is paused, and has its end', async () => {
    host.pause('clock');
    const before = host.invocations()['clock']?.count ?? 0;
    await host.fireSchedules('clock');
    expect(host.invocations()['clock']?.count).toBe(before + 1);
    host.resume('clock');
  });

  it('goes on where it stopped: nothing is lost over a restart', async () => {
    host.pause('relay');
    await post('stopped-1');
    await host.stop();
    host = await system.start({ environment: { FLAG: 'on' } });
    await post('stopped-2');
    for (const id of ['stopped-1', 'stopped-2']) {
      await eventually(async () => expect(await timesSeen(id)).toBe(1));
    }
    // What was done before the restart is not done again.
    expect(await timesSeen('flow')).toBe(1);
    expect((await host.backlog()).streams).toEqual({ relay: 0 });
  });
});
