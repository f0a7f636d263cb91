import type { Call } from '../../shared/lambda/http.ts';
import type { Person, Role } from '../../shared/lambda/person.ts';

export const personWith = (subject: string, ...roles: Role[]): Person => ({
  subject,
  name: null,
  roles,
  units: { include: [], except: [] },
  signIn: `sign-in of ${subject}`,
});

/** A request for a path, query included, as the HTTP door hands it to a handler. */
export function callOf(target: string, fields: Partial<Call> = {}): Call {
  const url = new URL(target, 'http://127.0.0.1');
  return {
    requestId: 'req_1',
    time: '2027-01-02T00:00:00.000Z',
    route: `GET ${url.pathname}`,
    method: 'GET',
    path: url.pathname,
    params: {},
    query: Object.fromEntries(url.searchParams),
    headers: {},
    person: null,
    role: 'person',
    actor: () => Promise.reject(new Error('nobody is signed in')),
    body: () => Promise.reject(new Error('a read has no body')),
    ...fields,
  };
}
