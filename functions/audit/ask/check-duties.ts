import type { FieldError } from '../../../shared/commitment/rejection.ts';
import type { Answer, Call } from '../../../shared/lambda/http.ts';
import { fitting } from '../../../shared/lambda/paging.ts';
import { problem } from '../../../shared/lambda/problem.ts';
import { isId } from '../../../shared/runtime/ids.ts';
import { DUTIES, DUTY_IDS } from '../../../shared/trail/duties.ts';
import { type Conditions, conditionsOf, parseQuery } from '../../../shared/trail/query.ts';
import { malformed, PRIVATE } from './list-entries.ts';
import { representEntry } from './represent.ts';
import { entriesOf, type Trail } from './view.ts';
import { violationsOf } from './violations.ts';

/** Attempts and violations that are shown of each rule; the counts tell of the others. */
const SHOWN = 50;

/**
 * `GET /v1/audit/duties`: the rules of who may not do what else, each with those who did, those who tried, and what stands in the way.
 * `commitment` asks about one of them, `from` and `to` about what was recorded then.
 */
export const checkDuties =
  ({ trail }: { trail: Trail }) =>
  async (call: Call): Promise<Answer> => {
    const asked = readPeriod(call.query);
    if ('errors' in asked) return malformed(asked.errors);
    const { size, root, time } = await trail.checkpoints.newest();
    const { target, from, to } = asked.conditions;
    const range = await trail.checkpoints.within({ lo: 0, hi: size }, from, to);
    const data = [];
    for (const id of DUTY_IDS) {
      const duty = DUTIES[id];
      const violations = await violationsOf(trail, duty, asked.conditions, range, size);
      if (!violations)
        return problem(
          'result-too-large',
          'These are too many entries for one answer. Ask of one `commitment`.',
        );
      const tried = { ...asked.conditions, ...duty.attempts, outcomes: ['refused'] as const };
      const count = await trail.leaves.count(tried, range);
      const { leaves } = await trail.leaves.page(tried, range, 'desc', SHOWN);
      const attempts = await entriesOf(trail, leaves, size);
      data.push({
        id,
        rule: duty,
        violations: {
          count: violations.length,
          data: fitting(
            violations.slice(0, SHOWN).map(({ first, second }) => ({
              first: representEntry(first),
              second: representEntry(second),
            })),
          ),
        },
        attempts: { count, data: fitting(attempts.map(representEntry)) },
      });
    }
    const body = {
      ...(target !== undefined && { commitment: target }),
      data,
      checkpoint: { size, root, time },
    };
    return { status: 200, headers: PRIVATE, body };
  };

const PARAMETERS = ['commitment', 'from', 'to'];

function readPeriod(
  parameters: Record<string, string>,
): { conditions: Conditions } | { errors: FieldError[] } {
  const unknown = Object.keys(parameters).filter((name) => !PARAMETERS.includes(name));
  if (unknown.length > 0)
    return {
      errors: unknown.map((name) => ({
        pointer: `/${name}`,
        code: 'invalid-parameter',
        detail: 'is not a parameter of this report',
      })),
    };
  const { commitment } = parameters;
  // A report about one that is misspelt would say that all is well.
  if (commitment !== undefined && !isId(commitment))
    return { errors: [{ pointer: '/commitment', code: 'invalid-parameter', detail: 'is not an id' }] };
  const read = parseQuery(parameters);
  return 'errors' in read ? read : { conditions: conditionsOf(read.query) };
}
