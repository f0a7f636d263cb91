import type { IncomingMessage } from 'node:http';
import type { BucketPolicies } from '../grants/bucket-policies.ts';
import { type Caller, type CallerOf, rootArn } from '../grants/caller.ts';
import type { Need } from '../grants/needs.ts';
import type { Facts } from '../grants/resource-statement.ts';
import type { Call } from './call.ts';
import { denied } from './errors.ts';
import type { Retention } from './locks.ts';
import { checkSignedLink } from './signed-link.ts';

export interface AccessOptions {
  policies: BucketPolicies;
  callerOf: CallerOf;
}

export interface Access {
  /** Throws `ObjectError` unless the request is signed, in time, and nothing denies it. */
  check(call: Call, request: IncomingMessage, retention: Retention | undefined, now: number): void;
  /** Whether the caller may not do one thing of several that a call holds. */
  denies(call: Call, need: Need): boolean;
}

const dayMs = 86_400_000;

export function makeAccess({ policies, callerOf }: AccessOptions): Access {
  const callerIn = (call: Call) => callerOf(call.header('x-amz-security-token') ?? '');

  return {
    denies: (call, need) =>
      policies.denies(need, callerIn(call)?.roleArn ?? rootArn, factsOf(call, callerIn(call), undefined, 0)),
    check(call, request, retention, now) {
      const linked = call.query.has('X-Amz-Signature');
      if (linked) checkSignedLink(call, request, now);
      else if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ')) throw denied();
      const caller = callerIn(call);
      for (const need of call.needs) {
        // What a function calls itself was compared with its role before it left; a link is used by someone else.
        if (linked && caller && !caller.allows(need.action, need.resource))
          throw denied(unauthorised(caller, need));
        if (policies.denies(need, caller?.roleArn ?? rootArn, factsOf(call, caller, retention, now))) {
          throw denied(`${unauthorised(caller, need)} with an explicit deny in a resource-based policy`);
        }
      }
    },
  };
}

/** Source: "Condition keys for Amazon S3"; a local call stands for one over TLS. */
function factsOf(
  call: Call,
  caller: Caller | undefined,
  retention: Retention | undefined,
  now: number,
): Facts {
  const creates = ['put', 'complete-upload'].includes(call.operation);
  const uploads = ['start-upload', 'part'].includes(call.operation);
  return {
    'aws:securetransport': 'true',
    's3:tlsversion': '1.3',
    'aws:principalarn': caller?.roleArn ?? rootArn,
    's3:if-none-match': call.header('if-none-match'),
    's3:if-match': call.header('if-match'),
    ...((creates || uploads) && { 's3:objectcreationoperation': String(creates) }),
    's3:object-lock-mode': call.header('x-amz-object-lock-mode'),
    's3:object-lock-retain-until-date': call.header('x-amz-object-lock-retain-until-date'),
    ...(retention && {
      's3:object-lock-remaining-retention-days': String(Math.floor((retention.until - now) / dayMs)),
    }),
  };
}

const unauthorised = (caller: Caller | undefined, need: Need) =>
  `${caller?.roleArn ?? rootArn} is not authorized to perform: ${need.action} on resource: ${need.resource}`;
