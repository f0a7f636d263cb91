import { representCommitment } from '../../shared/commitment/representation.ts';
import type { Commitment } from '../../shared/commitment/state.ts';
import type { Commitments } from '../../shared/store/commitments.ts';
import type { Responses } from '../../shared/store/responses.ts';

/** For so long a command's answer may check citations against a text that was read earlier. Reads never do. */
const TEXT_KEPT_MS = 60_000;

/** Represents commitments after a command: source texts are remembered, statuses of dependencies are read. */
export function afterCommand(commitments: Pick<Commitments, 'briefs'>, responses: Pick<Responses, 'text'>) {
  const texts = new Map<string, { text: Promise<string | null>; until: number }>();
  const textOf = (responseId: string, now: number): Promise<string | null> => {
    const kept = texts.get(responseId);
    if (kept && kept.until > now) return kept.text;
    const text = responses.text(responseId);
    if (texts.size >= 100) texts.clear();
    texts.set(responseId, { text, until: now + TEXT_KEPT_MS });
    text.catch(() => texts.delete(responseId));
    return text;
  };
  return async (state: Commitment, at: string) => {
    const { dependsOn, responseId } = state.card;
    const [text, briefs] = await Promise.all([
      textOf(responseId, Date.parse(at)),
      dependsOn.length > 0 ? commitments.briefs(dependsOn) : new Map(),
    ]);
    const statuses = new Map([...briefs].map(([id, { head }]) => [id, head.status]));
    return representCommitment(state, { text, statuses, at });
  };
}
