import { isDate } from '../../../shared/commitment/dates.ts';
import type { Done } from '../../../shared/lambda/act.ts';
import type { Answer, Call } from '../../../shared/lambda/http.ts';
import { canonical, sha256 } from '../../../shared/record/canonical.ts';
import { isId } from '../../../shared/runtime/ids.ts';
import type { People } from '../../../shared/store/people.ts';
import { parseQuery, QUERY_PARAMETERS, type TrailQuery } from '../../../shared/trail/query.ts';
import { QUESTIONS } from '../../../shared/trail/questions.ts';
import { ROUTES, type RouteWiring } from '../../routes.ts';

/**
 * What is seen is the trail, whatever it was asked about: were it the commitment, each look at one would add to what there is to see
 * of it.
 */
const ENTRIES: Done['target'] = { type: 'trail', id: 'entries' };

/** By which query a list of entries was seen, or taken away as a file. A page that continues a reading is none of its own. */
export const listReading =
  (people: Pick<People, 'find'>) =>
  async (call: Call, answer: Answer): Promise<Done | null> => {
    // What is too large for an answer became an export, which has an entry of its own.
    if (call.query['cursor'] !== undefined || answer.status === 303) return null;
    const query = await queryOf(call, people);
    const media = String(answer.headers?.['content-type'] ?? 'application/json').split(';')[0] ?? '';
    return {
      action: media === 'application/json' ? 'read-trail' : 'export-trail',
      ...inOwnPart(await call.actor()),
      facts: { query: canonical(told(query)), ...(media !== 'application/json' && { media }) },
    };
  };

/** What the page of one entry, or the proof of it, showed; `index` is in the path. */
export const entryReading =
  (what: 'entry' | 'proof' | 'bundle') =>
  async (call: Call): Promise<Done> => ({
    action: 'read-trail',
    ...inOwnPart(await call.actor()),
    facts: { what, ...namedIn(call) },
  });

/** What another view of the trail showed, and about what it was asked. */
export const viewReading =
  (what: 'rows' | 'duties' | 'custody' | 'manifest') =>
  async ({ query, params, actor }: Call): Promise<Done | null> => {
    if (query['cursor'] !== undefined) return null;
    const { commitment, evidence } = query;
    return {
      action: 'read-trail',
      ...inOwnPart(await actor()),
      facts: {
        what,
        ...(commitment !== undefined && isId(commitment, 'cmt') && { commitment }),
        ...(isDate(params['day'] ?? '') && { day: params['day'] ?? '' }),
        ...(evidence !== undefined && /^[0-9a-f]{64}$/.test(evidence) && { evidence }),
      },
    };
  };

/** Readers each have a stream, so that none waits for another. */
const inOwnPart = ({ id }: { id: string }): Pick<Done, 'target' | 'part'> => ({ target: ENTRIES, part: id });

/** The places that a path names: numbers with their slashes and dots, which nobody can write a text with. */
const namedIn = ({ params }: Call): Record<string, string> =>
  Object.fromEntries(Object.entries(params).filter(([, value]) => /^[\dx/.p]{1,100}$/.test(value)));

/** The query with the pseudonym that its actor stands for. The handler answered it, so it can be read. */
async function queryOf(call: Call, people: Pick<People, 'find'>): Promise<TrailQuery> {
  const parameters = Object.entries(call.query).filter(([name]) => QUERY_PARAMETERS.includes(name));
  const read = parseQuery(Object.fromEntries(parameters));
  if ('errors' in read) throw new TypeError('a query was answered that can not be read');
  const { actor } = read.query;
  if (actor === undefined) return read.query;
  return { ...read.query, actor: (await people.find(actor)) ?? actor };
}

/** The query as the trail may keep it: what is no name of ours stands in it as its SHA-256. */
export function told(query: TrailQuery): TrailQuery {
  const { target, actor, action, sample } = query;
  return {
    ...query,
    ...(target !== undefined && { target: isId(target) ? target : hashed(target) }),
    ...(actor !== undefined && { actor: isId(actor, 'per') || actor === 'system' ? actor : hashed(actor) }),
    ...(action !== undefined && { action: VERBS.has(action) ? action : hashed(action) }),
    ...(sample && { sample: { ...sample, seed: hashed(sample.seed) } }),
  };
}

const hashed = (text: string): string => `sha256:${sha256(text)}`;

const VERBS = new Set([
  ...(ROUTES as readonly RouteWiring[]).flatMap(({ action, decisions }) => [
    ...(action ? [action] : []),
    ...Object.values(decisions ?? {}),
  ]),
  ...Object.values(QUESTIONS).flatMap((question) => ('actions' in question ? question.actions : [])),
]);
