import { S3Client } from '@aws-sdk/client-s3';
import { livePeople, signedInDoor } from '../../../shared/lambda/doors.ts';
import { dynamodb } from '../../../shared/runtime/dynamodb.ts';
import { required } from '../../../shared/runtime/env.ts';
import { exportObjects } from '../../../shared/store/export-objects.ts';
import { routesOf } from '../../routes.ts';
import { downloadExport } from './download-export.ts';
import { liveExportDesk } from './export-desk.ts';
import { getExport, listExports } from './read-exports.ts';
import { requestExport } from './request-export.ts';

const client = dynamodb();
const desk = liveExportDesk(client);
const objects = exportObjects(new S3Client(), required('EXPORTS_BUCKET'));

/** Takes the trail away. */
export const handler = signedInDoor(client, {
  routes: routesOf('audit-exports'),
  handlers: {
    'POST /v1/audit/exports': requestExport(desk, livePeople(client)),
    'GET /v1/audit/exports': listExports(desk),
    'GET /v1/audit/exports/{id}': getExport(desk),
    'GET /v1/audit/exports/{id}/files/{name}': downloadExport(desk, objects),
  },
});
