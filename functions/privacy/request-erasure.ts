import { requestErasure as schema } from '../../shared/commitment/erasure.ts';
import { readCommand } from '../../shared/lambda/command.ts';
import type { Answer, Call } from '../../shared/lambda/http.ts';
import { isId } from '../../shared/runtime/ids.ts';
import type { Erasure, Subject } from '../../shared/store/erasures.ts';
import { claim } from '../../shared/store/idempotency.ts';
import { actOn, answerErasure, invalid, keyReused, type Office } from './office.ts';

/** `POST /v1/erasures`: nothing is erased before somebody else has decided so. */
export const requestErasure =
  (office: Office) =>
  async (call: Call): Promise<Answer> => {
    const read = await readCommand(call, schema, invalid);
    if ('status' in read) return read;
    const { reasonCode, ...asked } = read.fields;
    const actor = await call.actor();
    const claimed = claim(actor.id, call.route, read.key, call.path, read.body.value);
    const used = await office.erasures.seen(claimed);
    if (used) return replay(used.payload === claimed.payload, used.stream, office);
    const subject =
      asked.kind === 'person' ? await personIn(asked.person, office) : await textIn(asked, office);
    if ('pointer' in subject) return invalid([subject]);

    const erasure: Erasure = {
      id: office.newId('era'),
      subject,
      reasonCode,
      state: 'requested',
      requestedBy: actor,
      requestedAt: call.time,
      decidedBy: null,
      decidedAt: null,
      erasedAt: null,
      settledAt: null,
    };
    const step = {
      action: 'request-erasure',
      actor,
      time: call.time,
      commandId: office.newId('cmd'),
      correlation: call.requestId,
      route: call.route,
    };
    const command = { claim: claimed, commandId: step.commandId, time: call.time };
    const written = await office.erasures.write(
      null,
      erasure,
      await office.acts.put(actOn(erasure, step)),
      command,
    );
    if (written.outcome === 'seen')
      return replay(written.seen.payload === claimed.payload, written.seen.stream, office);
    if (written.outcome === 'stale') throw new Error(`an erasure ${erasure.id} stands already`);
    return answerErasure(201, erasure);
  };

type Wrong = { pointer: string; code: string; detail: string };

async function personIn(named: string, { people, eraser }: Office): Promise<Subject | Wrong> {
  const person = isId(named, 'per') ? named : await people.find(named);
  return person && (await eraser.personStands(person))
    ? { kind: 'person', person }
    : { pointer: '/person', code: 'unknown', detail: 'is nobody who ever acted here, or was erased already' };
}

async function textIn(
  subject: Extract<Subject, { kind: 'text' }>,
  { eraser }: Office,
): Promise<Subject | Wrong> {
  const stands = await eraser.textStands(subject);
  if (stands) return subject;
  return stands === null
    ? { pointer: '/path', code: 'unknown', detail: 'names no text of this record' }
    : { pointer: '/path', code: 'redacted', detail: 'names a text that is redacted already' };
}

async function replay(same: boolean, id: string, { erasures }: Office): Promise<Answer> {
  if (!same) return keyReused();
  const erasure = await erasures.one(id);
  if (!erasure) throw new Error(`there is no erasure ${id}`);
  return answerErasure(201, erasure, true);
}
