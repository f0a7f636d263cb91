import { systemClock } from '../../shared/runtime/clock.ts';
import { dynamodb } from '../../shared/runtime/dynamodb.ts';
import { liveOffice } from './live-office.ts';
import { lookAfter } from './look-after.ts';

const office = liveOffice(dynamodb());

/** Each minute: erasures that were approved and are not carried out, or were a minute ago. */
export const handler = (): Promise<void> => lookAfter(office, systemClock());
