import type { Answer, Call } from '../../../shared/lambda/http.ts';
import { preferred } from '../../../shared/lambda/media.ts';
import { MAX_ANSWER, sizeInAnswer } from '../../../shared/lambda/paging.ts';
import { problem } from '../../../shared/lambda/problem.ts';
import { isId } from '../../../shared/runtime/ids.ts';
import type { PublishedCheckpoint } from '../../../shared/store/log-checkpoints.ts';
import { beyond, type Leaf } from '../../../shared/store/log-leaves.ts';
import { leafHash } from '../../../shared/tlog/merkle.ts';
import { malformed, PRIVATE } from './list-entries.ts';
import { entriesOf, type Shown, type Trail } from './view.ts';

const MEDIA = ['application/json', 'text/markdown'] as const;

/** As many entries as fit in an answer, about. */
const MOST = 2000;

/**
 * `GET /v1/audit/custody`: everything that ever happened to one commitment, or to one piece of evidence (by its SHA-256), in the order
 * of the log: who, in which role and session, the hash of each record and of the one before it, and where a proof is to be had.
 */
export const traceCustody =
  ({ trail }: { trail: Trail }) =>
  async (call: Call): Promise<Answer> => {
    const media = preferred(call.headers['accept'], MEDIA);
    if (!media) return problem('not-acceptable', `The report comes as ${MEDIA.join(' and ')}.`);
    const { commitment, evidence, ...others } = call.query;
    const [unknown] = Object.keys(others);
    if (unknown !== undefined) return wrong(unknown, 'is not a parameter of this report');
    if (commitment === undefined && evidence === undefined)
      return wrong('commitment', 'has to be there, or evidence');
    if (commitment !== undefined && !isId(commitment)) return wrong('commitment', 'is not an id');
    if (evidence !== undefined && !/^[0-9a-f]{64}$/.test(evidence))
      return wrong('evidence', 'has to be a SHA-256, 64 hexadecimal digits in lower case');
    const { size, root, time } = await trail.checkpoints.newest();
    const found = await steps(trail, commitment, evidence, size);
    if (!found) return tooLarge();
    if (found.length === 0) return problem('not-found', 'The log has no entry about it.');
    const report = {
      ...(commitment !== undefined && { commitment }),
      ...(evidence !== undefined && { evidence }),
      checkpoint: { size, root, time },
      data: found.map(step),
    };
    if (sizeInAnswer(report) > MAX_ANSWER) return tooLarge();
    if (media === 'application/json') return { status: 200, headers: PRIVATE, body: report };
    const headers = { ...PRIVATE, 'content-type': `${media}; charset=utf-8` };
    return { status: 200, headers, body: markdown(report) };
  };

const wrong = (name: string, detail: string): Answer =>
  malformed([{ pointer: `/${name}`, code: 'invalid-parameter', detail }]);

const tooLarge = (): Answer =>
  problem(
    'result-too-large',
    'These are too many entries for one answer. Ask for an export of this commitment.',
  );

type InLog = Shown & { index: number };

/** Null where they are too many. */
async function steps(
  trail: Trail,
  commitment: string | undefined,
  evidence: string | undefined,
  size: number,
): Promise<InLog[] | null> {
  const leaves =
    evidence === undefined ? await about(trail, commitment ?? '', size) : await naming(trail, evidence, size);
  if (leaves.length > MOST) return null;
  const entries = await entriesOf(trail, leaves, size);
  return entries.filter(({ entry }) => commitment === undefined || entry.target.id === commitment);
}

/** The leaves about one target; more than an answer takes, where there are so many. */
async function about({ leaves }: Trail, target: string, size: number): Promise<Leaf[]> {
  const found: Leaf[] = [];
  for (let range = { lo: 0, hi: size }; range.lo < range.hi && found.length <= MOST; ) {
    const page = await leaves.page({ target }, range, 'asc', 500);
    found.push(...page.leaves);
    if (page.next === null) break;
    range = beyond(range, page.next, 'asc');
  }
  return found;
}

/** The leaves that name a piece of evidence. */
async function naming({ items, leaves }: Trail, evidence: string, size: number): Promise<Leaf[]> {
  const indices = await items.naming(evidence, MOST + 1);
  const found = await Promise.all(indices.filter((index) => index < size).map((index) => leaves.one(index)));
  return found.flatMap((leaf) => leaf ?? []);
}

const step = ({ index, entry, bytes }: InLog) => ({
  index,
  claimedAt: entry.claimedAt,
  recordedAt: entry.recordedAt,
  action: entry.action,
  outcome: entry.outcome,
  ...(entry.code !== undefined && { code: entry.code }),
  actor: entry.actor,
  ...(entry.onBehalfOf !== undefined && { onBehalfOf: entry.onBehalfOf }),
  target: entry.target,
  stream: entry.stream,
  sequence: entry.sequence,
  ...(entry.evidence !== undefined && { evidence: entry.evidence }),
  recordHash: entry.recordHash ?? null,
  previousHash: entry.previousHash ?? null,
  leafHash: Buffer.from(leafHash(Buffer.from(bytes))).toString('hex'),
  entry: `/v1/audit/entries/${index}`,
  proof: `/v1/audit/entries/${index}/proof`,
});

interface Report {
  commitment?: string;
  evidence?: string;
  checkpoint: PublishedCheckpoint;
  data: readonly ReturnType<typeof step>[];
}

function markdown({ commitment, evidence, checkpoint, data }: Report): string {
  const of = [commitment && `commitment \`${commitment}\``, evidence && `evidence \`${evidence}\``];
  const lines = data.flatMap((step) => [
    '',
    `## ${step.index}: ${step.action}, ${step.outcome}${step.code === undefined ? '' : ` (${step.code})`}`,
    '',
    `- When: ${step.claimedAt}, recorded ${step.recordedAt}`,
    `- Who: \`${step.actor.id}\`, ${step.actor.role}, session ${step.actor.session ? `\`${step.actor.session}\`` : 'not told'}${
      step.onBehalfOf === undefined ? '' : `, on behalf of \`${step.onBehalfOf}\``
    }`,
    `- Where: stream \`${step.stream}\`, number ${step.sequence}`,
    `- Record: \`${step.recordHash ?? 'none'}\`, after \`${step.previousHash ?? 'none'}\``,
    `- Leaf: \`${step.leafHash}\``,
    ...(step.evidence ?? []).map((hash) => `- Evidence: \`${hash}\``),
    `- Proof: ${step.proof}`,
  ]);
  return [
    `# Chain of custody of ${of.filter(Boolean).join(' and ')}`,
    '',
    `${data.length} entries of the log up to its size ${checkpoint.size} (root \`${checkpoint.root}\`, ${checkpoint.time}).`,
    'Each record names the hash of the one before it in its stream; each leaf is proven by the text at its proof.',
    ...lines,
    '',
  ].join('\n');
}
