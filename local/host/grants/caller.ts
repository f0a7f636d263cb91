import { account } from '../services.ts';

/** The role that a call to a service of the host comes from: what it is, and what its statements grant. */
export interface Caller {
  roleArn: string;
  allows(action: string, resource: string): boolean;
}

/** Finds a function's role by the session token that its calls carry; who has none counts as the account's root user. */
export type CallerOf = (sessionToken: string) => Caller | undefined;

export const rootArn = `arn:aws:iam::${account}:root`;
