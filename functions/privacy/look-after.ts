import { later } from '../../shared/store/delivery.ts';
import { carryOutErasure, erase } from './carry-out-erasure.ts';
import type { Office } from './office.ts';

/** A command ends within 15 s: what it had read before an erasure it has written by then. */
const SETTLES_AFTER_SECONDS = 60;

/**
 * Carries out what was approved and not carried out, since whoever did so was stopped; and a minute after an erasure takes away
 * once more what a command of that moment may have written back.
 */
export async function lookAfter(
  office: Pick<Office, 'erasures' | 'eraser' | 'subscriptions' | 'acts' | 'newId' | 'log'>,
  now: string,
): Promise<void> {
  for (const erasure of await office.erasures.all()) {
    if (erasure.state === 'approved') await carryOutErasure(erasure, now, office);
    const isOpen = erasure.state === 'erased' && erasure.settledAt === null;
    if (!isOpen || later(erasure.erasedAt ?? now, SETTLES_AFTER_SECONDS) > now) continue;
    const again = await erase(erasure.subject, now, office);
    if (again > 0) office.log.info('erased again', { erasureId: erasure.id, items: again });
    await office.erasures.settle(erasure, now);
  }
}
