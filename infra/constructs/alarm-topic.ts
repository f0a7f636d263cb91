import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { makeKey } from './table.ts';

/** Whoever has to know of an alarm subscribes here. */
export function makeAlarmTopic(scope: Construct): Topic {
  const key = makeKey(scope, 'AlarmsKey', 'Followthrough: messages of alarms');
  const topic = new Topic(scope, 'Alarms', { masterKey: key, enforceSSL: true });
  const cloudWatch = new ServicePrincipal('cloudwatch.amazonaws.com', {
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
  });
  // A topic with a policy of its own loses the one by which alarms of its account may write to it.
  topic.addToResourcePolicy(
    new PolicyStatement({ actions: ['sns:Publish'], principals: [cloudWatch], resources: [topic.topicArn] }),
  );
  key.addToResourcePolicy(
    new PolicyStatement({
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      principals: [cloudWatch],
      resources: ['*'],
    }),
  );
  return topic;
}
