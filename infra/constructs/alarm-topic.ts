import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { makeKey } from './table.ts';

/** Whoever has to know of an alarm subscribes here. */
export function makeAlarmTopic(scope: Construct): Topic {
  const key = makeKey(scope, 'AlarmsKey', 'Followthrough: messages of alarms');
  // An alarm cannot write to a topic under a key that CloudWatch may not use.
  key.grantEncryptDecrypt(new ServicePrincipal('cloudwatch.amazonaws.com'));
  return new Topic(scope, 'Alarms', { masterKey: key, enforceSSL: true });
}
