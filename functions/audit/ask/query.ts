import { recorded } from '../../../shared/lambda/act.ts';
import { livePeople, signedInDoor } from '../../../shared/lambda/doors.ts';
import { dynamodb } from '../../../shared/runtime/dynamodb.ts';
import { required } from '../../../shared/runtime/env.ts';
import { acts } from '../../../shared/store/acts.ts';
import { logRows } from '../../../shared/store/log-rows.ts';
import { routesOf } from '../../routes.ts';
import { liveExportDesk } from '../export/export-desk.ts';
import { startExport } from '../export/start-export.ts';
import { serveManifest } from '../serve/serve-manifest.ts';
import { serveEntries } from '../serve/serve-tiles.ts';
import { checkDuties } from './check-duties.ts';
import { listEntries } from './list-entries.ts';
import { listRows } from './list-rows.ts';
import { liveTrail } from './live-trail.ts';
import { proveEntry } from './prove-entry.ts';
import { entryReading, listReading, viewReading } from './reading.ts';
import { showEntry } from './show-entry.ts';
import { traceCustody } from './trace-custody.ts';

const client = dynamodb();
const { objects, ...trail } = liveTrail(client);
const deps = {
  trail,
  objects,
  people: livePeople(client),
  rows: logRows(client, required('AUDIT_TABLE')),
  startExport: startExport(liveExportDesk(client)),
};
const told = acts(client, required('COMMANDS_TABLE'));

/** Reads of the audit trail. */
export const handler = signedInDoor(client, {
  routes: routesOf('audit-query'),
  handlers: {
    'GET /v1/audit/entries': recorded(listEntries(deps), told, listReading(deps.people)),
    'GET /v1/audit/entries/{index}': recorded(showEntry(deps), told, entryReading('entry')),
    'GET /v1/audit/entries/{index}/proof': recorded(proveEntry(deps), told, entryReading('proof')),
    'GET /v1/audit/duties': recorded(checkDuties(deps), told, viewReading('duties')),
    'GET /v1/audit/custody': recorded(traceCustody(deps), told, viewReading('custody')),
    'GET /v1/audit/tile/entries/{path+}': recorded(serveEntries(objects), told, entryReading('bundle')),
    'GET /v1/audit/manifests/{day}': recorded(serveManifest(objects), told, viewReading('manifest')),
    'GET /v1/audit/rows': recorded(listRows(deps), told, viewReading('rows')),
  },
});
