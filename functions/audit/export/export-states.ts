import { representCommitment } from '../../../shared/commitment/representation.ts';
import type { Commitments } from '../../../shared/store/commitments.ts';
import type { Responses } from '../../../shared/store/responses.ts';
import type { Writing } from './export-chunk.ts';

export interface StatesNeeds {
  commitments: Pick<Commitments, 'ofResponse' | 'complete' | 'briefs'>;
  responses: Pick<Responses, 'all' | 'text'>;
  /** RFC 3339. */
  clock(): string;
}

const SOME = 50;

/**
 * Every commitment as the API shows it, a line each. They are read before the records, so that no state is newer than they; what is
 * derived from dates is so at one moment for all of them.
 */
export const statesOf = ({ commitments, responses, clock }: StatesNeeds): Writing => ({
  name: 'states.jsonl',
  type: 'application/jsonl',
  shown: false,
  async *from(position) {
    const [at = clock(), responseId = '', after = ''] = (position ?? []) as readonly string[];
    const all = (await responses.all()).map(({ id }) => id).sort();
    const rest = all.filter((id) => id >= responseId);
    for (const [n, id] of rest.entries()) {
      const text = await responses.text(id);
      const briefs = (await commitments.ofResponse(id))
        .filter(({ card }) => id !== responseId || card.id > after)
        .sort((one, other) => (one.card.id < other.card.id ? -1 : 1));
      const statuses = await statusesOf(briefs, commitments);
      for (let from = 0; from < briefs.length; from += SOME) {
        const states = await commitments.complete(briefs.slice(from, from + SOME));
        const lines = states.map(
          (state) => `${JSON.stringify(representCommitment(state, { text, statuses, at }))}\n`,
        );
        yield {
          bytes: Buffer.from(lines.join('')),
          rows: states.length,
          after: [at, id, states.at(-1)?.card.id ?? ''],
          progress: (all.length - rest.length + n) / all.length,
        };
      }
    }
  },
});

async function statusesOf(
  briefs: Awaited<ReturnType<Commitments['ofResponse']>>,
  commitments: Pick<Commitments, 'briefs'>,
) {
  const found = await commitments.briefs(briefs.flatMap(({ card }) => card.dependsOn));
  return new Map([...found].map(([id, { head }]) => [id, head.status]));
}
