import type { Erasure, Subject } from '../../shared/store/erasures.ts';
import { actOn, type Office } from './office.ts';

type Carrier = Pick<Office, 'erasures' | 'eraser' | 'subscriptions' | 'acts' | 'newId'>;

const SYSTEM = { id: 'system', role: 'system' };

/** Carries out what was approved, and notes that it was. Stopped anywhere, it is done again from the beginning. */
export async function carryOutErasure(erasure: Erasure, now: string, office: Carrier): Promise<Erasure> {
  if (erasure.state !== 'approved') return erasure;
  const items = await erase(erasure.subject, now, office);
  const erased: Erasure = { ...erasure, state: 'erased', erasedAt: now };
  const step = {
    action: 'erase',
    actor: SYSTEM,
    ...(erasure.decidedBy && { onBehalfOf: erasure.decidedBy.id }),
    time: now,
    commandId: office.newId('cmd'),
    correlation: erasure.id,
    route: 'privacy',
    facts: { items },
  };
  const act = await office.acts.put(actOn(erased, step));
  const written = await office.erasures.write(erasure, erased, act);
  return written.outcome === 'written' ? erased : ((await office.erasures.one(erasure.id)) ?? erased);
}

/** @returns how many items were changed. */
export async function erase(subject: Subject, now: string, office: Carrier): Promise<number> {
  if (subject.kind === 'text') return office.eraser.text(subject);
  const gone = await office.eraser.person(subject.person);
  return gone + (await endSubscriptions(subject.person, now, office));
}

/** A person's subscriptions hold addresses of theirs. */
async function endSubscriptions(person: string, now: string, office: Carrier): Promise<number> {
  let ended = 0;
  for (;;) {
    const own = await office.subscriptions.ofOwner(person, null, 50);
    if (own.length === 0) return ended;
    for (const subscription of own) {
      const act = await office.acts.put({
        target: { type: 'subscription', id: subscription.id },
        action: 'delete-subscription',
        actor: SYSTEM,
        onBehalfOf: person,
        time: now,
        commandId: office.newId('cmd'),
        correlation: person,
        route: 'privacy',
      });
      if (await office.subscriptions.remove(subscription, [act])) ended += 1;
    }
  }
}
