import { etag } from '../../shared/lambda/envelope.ts';
import type { Answer, Call } from '../../shared/lambda/http.ts';
import { page, readPaging } from '../../shared/lambda/paging.ts';
import { problem } from '../../shared/lambda/problem.ts';
import { sha256 } from '../../shared/record/canonical.ts';
import type { Responses } from '../../shared/store/responses.ts';
import { representResponse } from './represent.ts';

export const listResponses =
  (responses: Responses) =>
  async (call: Call): Promise<Answer> => {
    const paging = readPaging(call.query);
    if ('errors' in paging)
      return problem('malformed-query', 'Some query parameters can not be read.', { errors: paging.errors });
    const sorted = (await responses.all()).sort((a, b) => (a.id < b.id ? -1 : 1));
    const { rows, answer } = page(sorted, paging, ({ id }) => id);
    return answer(call, rows.map(representResponse));
  };

/** One response with its source document; `source.holds` says whether the stored text still has its hash. */
export const getResponse =
  (responses: Responses) =>
  async (call: Call): Promise<Answer> => {
    const { responseId = '' } = call.params;
    const [response, text] = await Promise.all([responses.one(responseId), responses.text(responseId)]);
    if (!response) return problem('not-found', 'There is no such response.');
    const { source, ...rest } = representResponse(response);
    const holds = text !== null && sha256(text) === source.sha256;
    return {
      status: 200,
      headers: { 'cache-control': 'no-cache', etag: etag(response.version) },
      body: { ...rest, source: { ...source, holds, text } },
    };
  };
