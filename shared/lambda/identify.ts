import type { People } from '../store/people.ts';
import type { Sessions } from '../store/sessions.ts';
import type { Identify } from './http.ts';
import { roleInTrail } from './person.ts';

/** The door's hook for people: the pseudonym, and the session, whose first call is recorded as the sign-in. */
export const identify =
  (deps: { people: Pick<People, 'pseudonymOf'>; sessions: Sessions; newCommandId: () => string }): Identify =>
  async (person, call) => {
    const id = await deps.people.pseudonymOf(person);
    const session = await deps.sessions.nameOf(id, person.signIn, (drawn) => ({
      target: { type: 'person', id },
      action: 'sign-in',
      route: call.route,
      actor: { id, role: roleInTrail('person', person), session: drawn },
      time: call.time,
      commandId: deps.newCommandId(),
      correlation: call.requestId,
    }));
    return { id, session };
  };
