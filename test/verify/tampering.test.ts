import { describe, expect, it } from 'vitest';
import { decodeBundle, encodeBundle } from '../../shared/tlog/bundle.ts';
import { leafHash, nodeHash } from '../../shared/tlog/merkle.ts';
import { findingEntry } from '../../shared/trail/of-record.ts';
import type { CheckName } from '../../verify/checks.ts';
import { memoryFolder } from '../../verify/folder/memory.ts';
import { type Options, verify } from '../../verify/verify.ts';
import {
  at,
  Book,
  bundleOf,
  counted,
  DAY,
  entriesOf,
  type Files,
  honestWorld,
  secondsOf,
  type World,
} from '../kit/audit-world.ts';
import { ID, moved, OTHER, registered, reported } from '../kit/given.ts';
import { checkpointOf, newKeys, policyOf, treeFiles, vkeyOf } from '../kit/log-maker.ts';

const findingsOf = async (files: Files, options: Options = {}) => {
  const report = await verify(memoryFolder(files), options);
  return {
    exit: report.exit,
    found: report.checks.filter(({ total }) => total > 0).map(({ check }) => check),
    report,
  };
};

const BUNDLE = 'tile/entries/000.p/10';
const text = (files: Files, path: string): string => Buffer.from(files.get(path) ?? []).toString('latin1');
const put = (files: Files, path: string, now: string) => void files.set(path, Buffer.from(now));
/** As `put`, of a text that `text` gave: bytes stay what they were. */
const putBack = (files: Files, path: string, now: string) => void files.set(path, Buffer.from(now, 'latin1'));
const edit = (path: string, from: string | RegExp, to: string) => (files: Files) => {
  const before = text(files, path);
  const after = before.replace(from, to);
  if (before === after) throw new Error(`${path} has no ${from}`);
  putBack(files, path, after);
};
const line = (path: string, change: (lines: string[]) => string[]) => (files: Files) =>
  putBack(files, path, `${change(text(files, path).split('\n').slice(0, -1)).join('\n')}\n`);

/** What a stranger does to the files, who holds no key, and the check that has to tell it. */
const STRANGERS: [string, CheckName, (files: Files) => void][] = [
  ['an entry edited', 'root', edit(BUNDLE, 'focal-point', 'focal-poinT')],
  [
    'an entry cut off the end',
    'tree-size',
    (files) => putBack(files, BUNDLE, text(files, BUNDLE).slice(0, -10)),
  ],
  [
    'the last entry gone',
    'tree-size',
    (files) => files.set(BUNDLE, encodeBundle(entriesIn(files).slice(0, -1))),
  ],
  [
    'an entry inserted',
    'tree-size',
    (files) => files.set(BUNDLE, encodeBundle([...entriesIn(files), Buffer.from('{}')])),
  ],
  ['two entries exchanged', 'root', (files) => files.set(BUNDLE, encodeBundle(swapped(entriesIn(files))))],
  ['bytes behind a bundle', 'tree-size', (files) => putBack(files, BUNDLE, `${text(files, BUNDLE)}\0`)],
  [
    'a bundle hidden',
    'tree-size',
    (files) => files.delete(BUNDLE) && files.set('tile/entries/001', Buffer.of()),
  ],
  ['a tile overwritten', 'tiles', (files) => files.set('tile/0/000.p/10', Buffer.alloc(320))],
  [
    'a tile with bytes behind it',
    'tiles',
    (files) =>
      files.set(
        'tile/0/000.p/10',
        Buffer.concat([files.get('tile/0/000.p/10') ?? Buffer.of(), Buffer.of(0)]),
      ),
  ],
  ['a tile hidden', 'tiles', (files) => files.delete('tile/0/000.p/10')],
  ['a smaller tile that differs', 'tiles', (files) => files.set('tile/0/000.p/3', Buffer.alloc(96))],
  [
    'a smaller bundle that differs',
    'tiles',
    (files) => files.set('tile/entries/000.p/1', encodeBundle([Buffer.from('{}')])),
  ],
  ['a file that is no tile', 'tiles', (files) => files.set('tile/0/zzz', Buffer.alloc(32))],
  ['another size', 'checkpoint-signature', edit('checkpoint', '\n10\n', '\n9\n')],
  [
    'an older checkpoint put in the place of the newest',
    'consistency',
    (files) => put(files, 'checkpoint', noteIn(files, 1)),
  ],
  [
    'a checkpoint archived twice',
    'consistency',
    line('checkpoints.jsonl', ([first = '', ...rest]) => [first, first, ...rest]),
  ],
  ['another time of a checkpoint', 'merge-delay', edit('checkpoints.jsonl', '"2026-11-24', '"2026-11-23')],
  [
    'the first checkpoint moved behind the others',
    'consistency',
    line('checkpoints.jsonl', ([first = '', ...rest]) => [...rest, first]),
  ],
  ['an archived size that is not signed', 'consistency', edit('checkpoints.jsonl', '"size":2', '"size":3')],
  ['a manifest edited', 'manifests', edit(`manifests/${DAY}`, ',2,', ',1,')],
  ['a stream left out of a manifest', 'manifests', line(`manifests/${DAY}`, (lines) => lines.slice(1))],
  [
    'a manifest hidden',
    'manifests',
    (files) => files.delete(`manifests/${DAY}`) && put(files, 'manifests/2026-11-25', ''),
  ],
  ['a record edited', 'records', edit('records.jsonl', 'report-progress', 'report-Progress')],
  ['a record gone', 'records', line('records.jsonl', (lines) => lines.slice(0, -1))],
  [
    'two neighbouring records gone',
    'records',
    line('records.jsonl', (lines) => [...lines.slice(0, 3), ...lines.slice(5)]),
  ],
  [
    'a stream of records gone',
    'records',
    line('records.jsonl', (lines) => lines.filter((each) => !each.includes(`"stream":"${OTHER}"`))),
  ],
  [
    'records out of order',
    'records',
    line('records.jsonl', ([one = '', two = '', ...rest]) => [two, one, ...rest]),
  ],
  ['a record twice', 'records', line('records.jsonl', ([one = '', ...rest]) => [one, one, ...rest])],
  ['a text edited', 'records', edit('records.jsonl', 'It moves.', 'It rests.')],
  [
    'a text removed without anybody’s leave',
    'records',
    edit('records.jsonl', /"narrative":\["It moves.","[^"]*"\]/, ''),
  ],
  [
    'a state edited',
    'states',
    edit('states.jsonl', '"status":"in_progress"', '"status":"verified_complete"'),
  ],
  [
    'a state edited in a nested field',
    'states',
    edit('states.jsonl', /"addedBy":"[^"]*"/, '"addedBy":"psn_other"'),
  ],
  ['a derived fact edited', 'states', edit('states.jsonl', '"blocked":true', '"blocked":false')],
  ['a state hidden', 'states', line('states.jsonl', (lines) => lines.slice(1))],
  ['a state twice', 'states', line('states.jsonl', (lines) => [...lines, ...lines.slice(1)])],
  ['a row hidden', 'rows', line('rows.jsonl', (lines) => lines.slice(1))],
  ['a row twice', 'rows', line('rows.jsonl', ([first = '', ...rest]) => [first, first, ...rest])],
  ['an export without a row', 'export', line('export/entries.jsonl', (lines) => lines.slice(1))],
  ['an export in another order', 'export', line('export/entries.jsonl', (lines) => lines.toReversed())],
  [
    'another hash of the query',
    'export',
    edit('export/manifest.json', /"queryDigest": "./, '"queryDigest": "0'),
  ],
  ['another count', 'export', edit('export/manifest.json', '"population": 5', '"population": 4')],
  ['the file of an export gone', 'export', (files) => files.delete('export/entries.jsonl')],
  [
    'a file of an export with a path',
    'export',
    edit('export/manifest.json', 'entries.jsonl', '../../etc/passwd'),
  ],
  ['another key', 'checkpoint-signature', async (files) => put(files, 'key', await vkeyOf(newKeys().log))],
  ['a policy of another log', 'key', async (files) => put(files, 'policy', await policyOf(newKeys()))],
] as [string, CheckName, (files: Files) => void][];

const entriesIn = (files: Files): Uint8Array[] => {
  const read = decodeBundle(files.get(BUNDLE) ?? Buffer.of(), 10);
  return read.ok ? read.entries : [];
};
const swapped = ([one = Buffer.of(), two = Buffer.of(), ...rest]: Uint8Array[]) => [two, one, ...rest];
const noteIn = (files: Files, at: number): string =>
  (
    JSON.parse(
      Buffer.from(files.get('checkpoints.jsonl') ?? [])
        .toString()
        .split('\n')[at] ?? '',
    ) as { note: string }
  ).note;

describe('what a stranger changes in the files', () => {
  it.each(STRANGERS)('%s is told by %s', async (_, check, change) => {
    const files = await bundleOf(honestWorld());
    await change(files);
    const { exit, found } = await findingsOf(files);
    expect(found).toContain(check);
    expect(exit).toBe(1);
  });
});

const without = <T>(list: T[], ...places: number[]): T[] =>
  list.filter((_, place) => !places.includes(place));
/** Signs the world's log anew at each of its sizes. */
const resized = (world: World): World => ({
  ...world,
  batches: [
    ...world.batches.slice(0, -1),
    { size: world.entries.length, seconds: secondsOf(world.entries.at(-1)?.recordedAt ?? '') + 2 },
  ],
});

/** What an operator does who holds every key, and signs what comes out; the check that has to tell it. */
const OPERATORS: [string, CheckName, (world: World) => World][] = [
  ['leaves an entry out', 'streams', (world) => resized({ ...world, entries: without(world.entries, 1) })],
  [
    'leaves the tail of a stream out',
    'manifests',
    (world) => resized({ ...world, entries: without(world.entries, 4) }),
  ],
  [
    'leaves a whole stream out',
    'manifests',
    (world) => resized({ ...world, entries: without(world.entries, 2, 6) }),
  ],
  [
    'leaves a stream out of log and manifest',
    'records',
    (world) => {
      const { file, entry } = counted(without(world.records, 2, 6), at(300), 2);
      const entries = [...without(world.entries, 2, 6).slice(0, -1), entry];
      return resized({ ...world, entries, manifests: new Map([[DAY, file]]) });
    },
  ],
  [
    'repeats an entry',
    'streams',
    (world) => resized({ ...world, entries: [...world.entries, ...world.entries.slice(0, 1)] }),
  ],
  [
    'exchanges two entries',
    'streams',
    (world) => ({
      ...world,
      entries: [1, 0, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((place) => world.entries[place] ?? []),
    }),
  ],
  [
    'puts an entry of no record in',
    'records',
    (world) => resized({ ...world, entries: [...world.entries, ...extra(world)] }),
  ],
  [
    'writes a chain of records anew',
    'streams',
    (world) => {
      const book = rewritten();
      return resized({
        ...world,
        entries: [...world.entries.slice(0, 3), ...entriesOf(book.records).slice(1)],
      });
    },
  ],
  [
    'back-dates an entry',
    'back-dated',
    (world) =>
      resized({ ...world, entries: [...world.entries, ...extra(world, '2026-11-20T10:00:00.000Z')] }),
  ],
  [
    'back-dates an entry long after',
    'late',
    (world) => ({
      ...world,
      entries: world.entries.map((entry) => ({ ...entry, claimedAt: '2026-11-20T10:00:00.000Z' })),
    }),
  ],
  [
    'records in the future',
    'back-dated',
    (world) => ({
      ...world,
      entries: world.entries.map((entry) => ({ ...entry, recordedAt: '2026-11-25T10:00:00.000Z' })),
    }),
  ],
  [
    'sets the clock of recording back',
    'back-dated',
    (world) => ({
      ...world,
      entries: world.entries.map((entry, place) =>
        place === 5 ? { ...entry, recordedAt: '2026-11-24T09:00:00.000Z' } : entry,
      ),
    }),
  ],
  [
    'holds an entry back',
    'merge-delay',
    (world) => ({
      ...world,
      batches: world.batches.map((batch) => ({ ...batch, seconds: (batch.seconds ?? 0) + 100 })),
    }),
  ],
  [
    'has a checkpoint that no witness saw',
    'witness-quorum',
    (world) => ({ ...world, batches: world.batches.map((batch) => ({ ...batch, seconds: null })) }),
  ],
  [
    'is told of a finding',
    'findings',
    (world) =>
      resized({
        ...world,
        entries: [...world.entries, findingEntry({ code: 'gap', stream: ID, sequence: 9, to: 9 }, at(301))],
      }),
  ],
  [
    'counts less than there is',
    'manifests',
    (world) => ({
      ...world,
      manifests: new Map([[DAY, counted(without(world.records, 2, 6), at(300), 2).file]]),
    }),
  ],
  [
    'counts without a stream that the log has',
    'manifests',
    (world) => {
      const { file, entry } = counted(without(world.records, 2, 6), at(3000), 9);
      const entries = [...world.entries.slice(0, -1), entry];
      return resized({ ...world, entries, manifests: new Map([[DAY, file]]) });
    },
  ],
  [
    'edits an entry behind its record',
    'records',
    (world) => ({
      ...world,
      entries: world.entries.map((entry, place) =>
        place === 1 ? { ...entry, actor: { id: 'psn_other', role: 'focal-point' } } : entry,
      ),
    }),
  ],
  [
    'redacts with one person’s leave',
    'records',
    (world) => ({
      ...world,
      entries: world.entries.map((entry) =>
        entry.action === 'approve-erasure'
          ? { ...entry, actor: { id: 'psn_first', role: 'administrator' } }
          : entry,
      ),
    }),
  ],
  [
    'redacts what nobody approved',
    'records',
    (world) => ({
      ...world,
      entries: world.entries.map((entry) =>
        entry.action === 'approve-erasure' ? { ...entry, action: 'reject-erasure' } : entry,
      ),
    }),
  ],
  [
    'writes into a state',
    'states',
    (world) => ({ ...world, states: ([first = {}, ...rest]) => [{ ...first, progress: 100 }, ...rest] }),
  ],
  [
    'writes a field into a state',
    'states',
    (world) => ({ ...world, states: ([first = {}, ...rest]) => [{ ...first, hidden: 1 }, ...rest] }),
  ],
  [
    'edits an index column',
    'rows',
    (world) => ({
      ...world,
      rows: ([first, ...rest]) =>
        first ? [{ ...first, item: { ...first.item, actor: { S: 'psn_other' } } }, ...rest] : [],
    }),
  ],
  [
    'adds an index column',
    'rows',
    (world) => ({
      ...world,
      rows: ([first, ...rest]) =>
        first ? [{ ...first, item: { ...first.item, late: { S: 'late' } } }, ...rest] : [],
    }),
  ],
  [
    'takes an entry out of the chain of custody of its evidence',
    'rows',
    (world) => ({
      ...world,
      rows: (rows) => rows.map(({ evidence: _, ...row }) => row),
    }),
  ],
  [
    'deletes a log item',
    'rows',
    (world) => ({
      ...world,
      rows: ([first, ...rest]) => (first ? [{ ...first, index: null, item: null }, ...rest] : []),
    }),
  ],
  [
    'deletes a row',
    'rows',
    (world) => ({
      ...world,
      rows: ([first, ...rest]) => (first ? [{ ...first, bytes: null }, ...rest] : []),
    }),
  ],
  [
    'edits a row',
    'rows',
    (world) => ({
      ...world,
      rows: ([first, ...rest]) =>
        first
          ? [{ ...first, bytes: (first.bytes ?? '').replace('focal-point', 'coordinator') }, ...rest]
          : [],
    }),
  ],
  [
    'writes a column beside a row',
    'rows',
    (world) => ({
      ...world,
      rows: ([first, ...rest]) => (first ? [{ ...first, others: { note: { S: 'x' } } }, ...rest] : []),
    }),
  ],
  ['starves an entry', 'rows', (world) => ({ ...world, rows: (rows) => [...rows, starved()] })],
  ['exports fewer rows', 'export', (world) => ({ ...world, exported: (rows) => rows.slice(1) })],
  [
    'exports a changed row',
    'export',
    (world) => ({ ...world, exported: (rows) => rows.map((row) => ({ ...row, outcome: 'failed' })) }),
  ],
  [
    'exports a row without a field',
    'export',
    (world) => ({ ...world, exported: (rows) => rows.map(({ target: _, ...row }) => row) }),
  ],
];

/** An entry at the end of a stream, of a record that is nowhere. */
function extra({ records }: World, claimedAt = at(301)) {
  const last = records.findLast(({ stream }) => stream === ID);
  const [entry] = entriesOf(rewritten().records.slice(-1));
  return entry && last
    ? [
        {
          ...entry,
          stream: ID,
          sequence: last.sequence + 1,
          previousHash: last.hash,
          claimedAt,
          recordedAt: at(301),
        },
      ]
    : [];
}

/** The same beginning with another story. */
function rewritten(): Book {
  const book = new Book();
  book.event(ID, registered({ dependsOn: [OTHER], title: 'Another title' }), {
    action: 'register-commitment',
  });
  book.event(ID, reported('Another word.'));
  book.event(ID, moved('not_started', 'in_progress'));
  return book;
}

function starved() {
  const [entry] = entriesOf([new Book().event('cmt_starved', reported())]).map((one) => ({
    ...one,
    recordedAt: at(-1000),
  }));
  const bytes = JSON.stringify(entry);
  return {
    index: null,
    key: { pk: 'cmt_starved', sk: 'A#0000000001' },
    bytes: canonicalText(bytes),
    others: {},
    item: null,
  };
}
const canonicalText = (json: string): string => {
  const sorted = (value: unknown): unknown =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([one], [other]) => (one < other ? -1 : 1))
            .map(([name, inner]) => [name, sorted(inner)]),
        )
      : Array.isArray(value)
        ? value.map(sorted)
        : value;
  return JSON.stringify(sorted(JSON.parse(json)));
};

describe('what an operator with every key does', () => {
  it.each(OPERATORS)('%s: %s', async (_, check, change) => {
    const { exit, found } = await findingsOf(await bundleOf(change(honestWorld())));
    expect(found).toContain(check);
    expect(exit).toBe(1);
  });

  it('writes the whole log anew: a checkpoint that was kept tells it, nothing else does', async () => {
    const world = honestWorld();
    const before = Buffer.from((await bundleOf(world)).get('checkpoint') ?? []).toString();
    const book = rewritten();
    const entries = entriesOf(book.records);
    const anew = {
      ...world,
      records: book.records,
      entries,
      manifests: new Map(),
      batches: [{ size: 3, seconds: secondsOf(at(5)) }],
    };
    const files = await bundleOf(anew);
    expect((await findingsOf(files)).found).toEqual([]);
    expect((await findingsOf(files, { since: before })).found).toEqual(['consistency']);
  });

  it('signs a second history of the same size', async () => {
    const world = honestWorld();
    const before = Buffer.from((await bundleOf(world)).get('checkpoint') ?? []).toString();
    const entries = world.entries.map((entry) => ({ ...entry, correlation: 'req_other' }));
    const files = await bundleOf({ ...world, entries, records: [] });
    expect((await findingsOf(files, { since: before })).found).toContain('consistency');
  });
});

/** Leaves that are no entries, signed as if they were. */
const LEAVES: [string, (entry: string) => string | Uint8Array][] = [
  ['a key twice', (entry) => entry.replace('"v":1', '"v":1,"v":1')],
  ['a lone surrogate', (entry) => entry.replace('psn_worker', 'psn_\\ud800')],
  ['a byte behind it', (entry) => `${entry} `],
  ['a byte before it', (entry) => ` ${entry}`],
  ['bytes that are not UTF-8', (entry) => Buffer.from(entry.replace('psn_worker', 'psn_\u00ff'), 'latin1')],
  [
    'another order of keys',
    (entry) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(entry) as object).reverse())),
  ],
  ['a node of the tree', () => Buffer.concat([Buffer.of(1), leafHash(Buffer.of(1)), leafHash(Buffer.of(2))])],
  ['the hashes of two leaves', () => Buffer.concat([leafHash(Buffer.of(1)), leafHash(Buffer.of(2))])],
  ['a hash of a node', () => nodeHash(leafHash(Buffer.of(1)), leafHash(Buffer.of(2)))],
  ['an unknown field', (entry) => entry.replace('"v":1', '"v":1,"x":1')],
  ['30 February', (entry) => entry.replace('"claimedAt":"2026-11-24', '"claimedAt":"2026-02-30')],
  ['nothing', () => ''],
  ['JSON 10,000 deep', () => '['.repeat(10_000) + ']'.repeat(10_000)],
  ['more than 16,000 bytes', (entry) => entry.replace('psn_worker', 'x'.repeat(16_000))],
];

describe('a leaf', () => {
  it.each(LEAVES)('with %s is no entry', async (_, change) => {
    const world = honestWorld();
    const entry = Buffer.from(entriesIn(await bundleOf(world))[0] ?? []).toString();
    const { files, root } = treeFiles([Buffer.from(change(entry))]);
    put(files, 'checkpoint', await checkpointOf(1, root, world.keys, null));
    put(files, 'key', await vkeyOf(world.keys.log));
    expect((await findingsOf(files)).found).toEqual(['entries']);
  });
});

describe('what the auditor brings', () => {
  it('is believed: the key', async () => {
    const world = honestWorld();
    const files = await bundleOf(world);
    expect((await findingsOf(files, { key: await vkeyOf(world.keys.log) })).exit).toBe(0);
    const { found } = await findingsOf(files, { key: await vkeyOf(newKeys().log) });
    expect(found).toContain('key');
    expect(found).toContain('checkpoint-signature');
  });

  it('is believed: the policy', async () => {
    const world = honestWorld();
    const files = await bundleOf(world);
    const other = { log: world.keys.log, witness: newKeys().witness };
    expect((await findingsOf(files, { policy: await policyOf(world.keys) })).exit).toBe(0);
    expect((await findingsOf(files, { policy: await policyOf(other) })).found).toContain('witness-quorum');
    expect((await findingsOf(files, { policy: 'nonsense\n' })).exit).toBe(2);
  });

  it('is believed: the bounds', async () => {
    const files = await bundleOf(honestWorld());
    expect((await findingsOf(files, { mergeDelay: 1000 })).found).toContain('merge-delay');
    expect((await findingsOf(files, { late: 100 })).found).toContain('late');
  });
});

describe('an honest bundle', () => {
  it.each([
    ['with everything', (world: World) => world],
    ['small', () => honestWorld({ small: true })],
    [
      'with a sample',
      (world: World) => ({ ...world, query: { order: 'asc', sample: { seed: 'dice', size: 3 } } }) as World,
    ],
    [
      'with an export of nothing',
      (world: World) => ({ ...world, query: { target: 'cmt_none', order: 'asc' } }) as World,
    ],
    [
      'whose newest batch the witness was slow to see',
      (world: World) => ({
        ...world,
        batches: world.batches.map((batch, place) => (place === 1 ? { ...batch, seconds: null } : batch)),
      }),
    ],
  ])('%s holds in every check', async (_, change) => {
    const files = await bundleOf(change(honestWorld()));
    const { report } = await findingsOf(files);
    expect(report.checks.map(({ check, status }) => `${check} ${status}`)).toEqual(
      report.checks.map(({ check }) => `${check} holds`),
    );
    expect(report.exit).toBe(0);
  });

  it('says redacted, never missing', async () => {
    const { report } = await findingsOf(await bundleOf(honestWorld()));
    const records = report.checks.find(({ check }) => check === 'records');
    expect(records?.notes).toEqual(['1 text is redacted.']);
    expect(records?.counts).toMatchObject({ redacted: 1 });
  });

  it('draws the same sample, and no other', async () => {
    const world: World = { ...honestWorld(), query: { order: 'asc', sample: { seed: 'dice', size: 3 } } };
    const files = await bundleOf(world);
    edit('export/manifest.json', /"indices": \[\s+\d+/, `"indices": [\n      ${world.entries.length}`)(files);
    expect((await findingsOf(files)).found).toEqual(['export']);
  });

  it('holds as a plain mirror of a log', async () => {
    const files = await bundleOf(honestWorld());
    const plain = new Map([...files].filter(([path]) => /^(checkpoint|key|tile\/.*)$/.test(path)));
    const { exit, report } = await findingsOf(plain);
    expect(exit).toBe(0);
    expect(report.checks.filter(({ status }) => status === 'holds').map(({ check }) => check)).toEqual([
      ...[
        'key',
        'checkpoint-signature',
        'tree-size',
        'root',
        'tiles',
        'entries',
        'streams',
        'late',
        'back-dated',
        'findings',
      ],
    ]);
  });

  it('could not be checked without its entries, but its tree was', async () => {
    const files = await bundleOf(honestWorld());
    files.delete(BUNDLE);
    const { exit, report } = await findingsOf(files);
    expect(exit).toBe(2);
    expect(report.checks.filter(({ status }) => status === 'holds').map(({ check }) => check)).toEqual(
      expect.arrayContaining(['root', 'tiles', 'consistency']),
    );
  });
});
