import type { FieldError } from '../../../shared/commitment/rejection.ts';
import { readCommand } from '../../../shared/lambda/command.ts';
import type { Answer, Call } from '../../../shared/lambda/http.ts';
import { problem } from '../../../shared/lambda/problem.ts';
import { claim } from '../../../shared/store/idempotency.ts';
import type { People } from '../../../shared/store/people.ts';
import { requestExport as schema } from '../../../shared/trail/export-request.ts';
import { parseQuery } from '../../../shared/trail/query.ts';
import { whose } from '../ask/list-entries.ts';
import type { ExportDesk } from './export-desk.ts';
import { exportPath, representExport } from './export-representation.ts';
import { begin } from './start-export.ts';

/** `POST /v1/audit/exports` */
export const requestExport =
  (desk: ExportDesk, people: Pick<People, 'find'>) =>
  async (call: Call): Promise<Answer> => {
    const read = await readCommand(call, schema, invalid);
    if ('status' in read) return read;
    const { query: parameters = {}, format, checkpoint } = read.fields;
    const texts = Object.entries(parameters).map(([name, value]) => [name, String(value)] as const);
    const asked = parseQuery(Object.fromEntries(texts));
    if ('errors' in asked)
      return invalid(asked.errors.map((error) => ({ ...error, pointer: `/query${error.pointer}` })));
    const query = await whose(asked.query, call, people);
    const { id } = await call.actor();
    const key = claim(id, call.route, read.key, call.path, read.body.value);
    const begun = await begin(call, { query, format, checkpoint }, key, desk);
    if ('status' in begun) return begun;
    return {
      status: 201,
      headers: {
        'cache-control': 'no-store',
        location: exportPath(begun.job.id),
        ...(begun.replayed && { 'idempotency-replayed': 'true' }),
      },
      body: representExport(begun.job),
    };
  };

const invalid = (errors: FieldError[]): Answer =>
  problem('invalid-body', 'Nothing was begun. Some fields need attention.', { errors });
