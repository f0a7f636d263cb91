import { signedInDoor } from '../../shared/lambda/doors.ts';
import { dynamodb } from '../../shared/runtime/dynamodb.ts';
import { routesOf } from '../routes.ts';
import { decideErasure } from './decide-erasure.ts';
import { liveOffice } from './live-office.ts';
import { listErasures, showErasure } from './read-erasures.ts';
import { requestErasure } from './request-erasure.ts';

const client = dynamodb();
const office = liveOffice(client);

/** Erasures: one person asks for them, another decides. */
export const handler = signedInDoor(client, {
  routes: routesOf('privacy-command'),
  handlers: {
    'POST /v1/erasures': requestErasure(office),
    'POST /v1/erasures/{id}/decisions': decideErasure(office),
    'GET /v1/erasures': listErasures(office),
    'GET /v1/erasures/{id}': showErasure(office),
  },
});
