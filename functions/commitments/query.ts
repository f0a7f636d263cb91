import { publicDoor } from '../../shared/lambda/doors.ts';
import { dynamodb } from '../../shared/runtime/dynamodb.ts';
import { required } from '../../shared/runtime/env.ts';
import { commitments } from '../../shared/store/commitments.ts';
import { events } from '../../shared/store/events.ts';
import { responses } from '../../shared/store/responses.ts';
import { routesOf } from '../routes.ts';
import { getCommitment } from './get-commitment.ts';
import { getHistoryRecord, listHistory } from './history.ts';
import { listCommitments } from './list-commitments.ts';
import { getResponse, listResponses } from './responses.ts';

const client = dynamodb();
const table = required('COMMANDS_TABLE');
const stores = {
  commitments: commitments(client, table),
  responses: responses(client, table),
  events: events(client, table),
};

/** Every public read of responses and commitments. */
export const handler = publicDoor({
  routes: routesOf('commitments-query'),
  handlers: {
    'GET /v1/health': async (call) => ({ status: 200, body: { status: 'ok', time: call.time } }),
    'GET /v1/responses': listResponses(stores.responses),
    'GET /v1/responses/{responseId}': getResponse(stores.responses),
    'GET /v1/commitments': listCommitments(stores),
    'GET /v1/commitments/{id}': getCommitment(stores),
    'GET /v1/commitments/{id}/history': listHistory(stores.events),
    'GET /v1/commitments/{id}/history/{sequence}': getHistoryRecord(stores.events),
  },
});
