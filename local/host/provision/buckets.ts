import type { Services } from '../services.ts';
import type { Cloud } from '../template/cloud.ts';

/** Creates the buckets of the template that are not there; answers their names. */
export async function provisionBuckets(cloud: Cloud, services: Services): Promise<string[]> {
  const names = cloud.resources('AWS::S3::Bucket').map((resource) => cloud.nameOf(resource));
  for (const name of names) {
    const status = await services.s3('HEAD', `/${name}`);
    if (status < 300) continue;
    const created = await services.s3('PUT', `/${name}`);
    // 409: someone else made it in between.
    if (created >= 300 && created !== 409) throw new Error(`cannot create the bucket ${name}: ${created}`);
  }
  return names;
}
