import { type Need, UnknownCall } from './needs.ts';

type Headers = Record<string, unknown>;

/** Needs of an S3 call, from its verb, its path-style path with query, and its headers (names in lower case). */
export function needsOfS3(method: string, pathAndQuery: string, headers: Headers): Need[] {
  const [path = '', search = ''] = pathAndQuery.split('?', 2);
  const query = new URLSearchParams(search);
  const [bucket = '', ...rest] = path.slice(1).split('/');
  const key = rest.map(decodeURIComponent).join('/');
  const bucketArn = `arn:aws:s3:::${bucket}`;
  if (bucket === '') return [{ action: 's3:ListAllMyBuckets', resource: '*' }];
  if (key === '') return [bucketNeed(method, query, bucketArn)];
  const resource = `${bucketArn}/${key}`;
  return [{ action: objectAction(method, query), resource }, ...extraNeeds(resource, headers)];
}

function bucketNeed(method: string, query: URLSearchParams, bucketArn: string): Need {
  if (method === 'POST' && query.has('delete')) {
    return { action: 's3:DeleteObject', resource: `${bucketArn}/*` };
  }
  if (method === 'GET' || method === 'HEAD') return { action: 's3:ListBucket', resource: bucketArn };
  throw new UnknownCall(`${method} on a bucket`);
}

/** Sub-resources of an object: what the verb means when the query names one. */
const subresources: Record<string, Record<string, string>> = {
  'legal-hold': { GET: 's3:GetObjectLegalHold', PUT: 's3:PutObjectLegalHold' },
  retention: { GET: 's3:GetObjectRetention', PUT: 's3:PutObjectRetention' },
  tagging: { GET: 's3:GetObjectTagging', PUT: 's3:PutObjectTagging', DELETE: 's3:DeleteObjectTagging' },
  attributes: { GET: 's3:GetObjectAttributes' },
  uploadId: {
    DELETE: 's3:AbortMultipartUpload',
    GET: 's3:ListMultipartUploadParts',
    POST: 's3:PutObject',
    PUT: 's3:PutObject',
  },
  uploads: { POST: 's3:PutObject' },
};

const plain: Record<string, string> = {
  DELETE: 's3:DeleteObject',
  GET: 's3:GetObject',
  HEAD: 's3:GetObject',
  PUT: 's3:PutObject',
};

function objectAction(method: string, query: URLSearchParams): string {
  const named = Object.keys(subresources).find((name) => query.has(name));
  const action = (named ? subresources[named] : plain)?.[method];
  if (!action) throw new UnknownCall(`${method} on an object`);
  return query.has('versionId') && action.endsWith('Object') ? `${action}Version` : action;
}

function extraNeeds(resource: string, headers: Headers): Need[] {
  const needs: Need[] = [];
  const source = headers['x-amz-copy-source'];
  if (typeof source === 'string') {
    const [path = ''] = decodeURIComponent(source).replace(/^\//, '').split('?');
    needs.push({ action: 's3:GetObject', resource: `arn:aws:s3:::${path}` });
  }
  if (headers['x-amz-bypass-governance-retention']) {
    needs.push({ action: 's3:BypassGovernanceRetention', resource });
  }
  if (headers['x-amz-tagging']) needs.push({ action: 's3:PutObjectTagging', resource });
  if (headers['x-amz-object-lock-mode']) needs.push({ action: 's3:PutObjectRetention', resource });
  if (headers['x-amz-object-lock-legal-hold']) needs.push({ action: 's3:PutObjectLegalHold', resource });
  return needs;
}
