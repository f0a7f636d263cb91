import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { TABLES, type TableDefinition, type TableName } from '../../shared/store/keys.ts';
import { FORGOTTEN_AFTER_DAYS } from '../config.ts';

/** A table as `TABLES` describes it: on demand, restorable to any second, kept when its stack goes. */
export function makeTable(scope: Construct, name: TableName, encryptionKey: Key): TableV2 {
  const { indexes, stream, ttl }: TableDefinition = TABLES[name];
  return new TableV2(scope, idOf(name), {
    partitionKey: text('pk'),
    sortKey: text('sk'),
    billing: Billing.onDemand(),
    encryption: TableEncryptionV2.customerManagedKey(encryptionKey),
    pointInTimeRecoverySpecification: {
      pointInTimeRecoveryEnabled: true,
      recoveryPeriodInDays: FORGOTTEN_AFTER_DAYS,
    },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
    globalSecondaryIndexes: Object.entries(indexes).map(([indexName, { partition, sort, projection }]) => ({
      indexName,
      partitionKey: text(partition),
      sortKey: text(sort),
      projectionType: projection === 'keys-only' ? ProjectionType.KEYS_ONLY : ProjectionType.ALL,
    })),
    ...(stream && { dynamoStream: StreamViewType.NEW_IMAGE }),
    ...(ttl && { timeToLiveAttribute: ttl }),
  });
}

/** A customer-managed key, turned over each year and kept when its stack goes: without it the data are noise. */
export const makeKey = (scope: Construct, id: string, description: string): Key =>
  new Key(scope, id, { description, enableKeyRotation: true, removalPolicy: RemovalPolicy.RETAIN });

const text = (name: string) => ({ name, type: AttributeType.STRING });

const idOf = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}Table`;
