import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { required } from '../../../shared/runtime/env.ts';
import { auditEntries } from '../../../shared/store/audit-entries.ts';
import { logBatches } from '../../../shared/store/log-batches.ts';
import { logCheckpoints } from '../../../shared/store/log-checkpoints.ts';
import { logItems } from '../../../shared/store/log-items.ts';
import { leaves } from '../../../shared/store/log-leaves.ts';
import { type LogObjects, logObjects } from '../../../shared/store/log-objects.ts';
import { logTail } from '../../../shared/store/log-tail.ts';
import { publishedEntry } from './published-entry.ts';
import { settledLeaves } from './settled-leaves.ts';
import type { Trail } from './view.ts';

/** The trail of the deployment, and the objects of its log. */
export function liveTrail(client: DynamoDBClient): Trail & { objects: LogObjects } {
  const [audit, log] = [required('AUDIT_TABLE'), required('LOG_TABLE')];
  const objects = logObjects(required('LOG_BUCKET'));
  const checkpoints = logCheckpoints(client, log);
  const around = { checkpoints, batches: logBatches(client, log), objects, now: Date.now };
  return {
    leaves: settledLeaves(leaves(client, audit), around),
    checkpoints,
    tail: logTail(client, log),
    entries: auditEntries(client, audit),
    items: logItems(client, audit),
    published: publishedEntry(objects),
    objects,
  };
}
