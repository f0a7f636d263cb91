import type { CloudEvent } from '../../shared/store/cloud-event.ts';

/** Events of a subscription about itself. They are told to it alone, and never stand on the bus. */
export const VERIFICATION = 'followthrough.subscription.verification';
export const TEST = 'followthrough.subscription.test';

/** @param name tells it apart from others of the same subscription: its version when a verification was asked for. */
export const ownEvent = (
  subscriptionId: string,
  type: typeof VERIFICATION | typeof TEST,
  name: string,
  time: string,
): Omit<CloudEvent, 'sequence'> => ({
  specversion: '1.0',
  id: `${subscriptionId}/${name}`,
  source: 'followthrough',
  type,
  subject: subscriptionId,
  time,
  datacontenttype: 'application/json',
  dataschema: `urn:followthrough:event:${type}:1`,
  data: { subscriptionId },
});
