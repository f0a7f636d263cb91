import type * as z from 'zod/mini';
import * as schema from './schema.ts';

/** Every command on a commitment that stands: the name, its body, and whether it goes to a numbered part of it. */
export const COMMANDS = {
  publish: schema.publish,
  'report-progress': schema.reportProgress,
  'report-occurrence': schema.reportProgress,
  verify: schema.verify,
  'request-extension': schema.requestExtension,
  'decide-extension': schema.decideExtension,
  close: schema.close,
  supersede: schema.supersede,
  reopen: schema.reopen,
} as const;

export type CommandName = keyof typeof COMMANDS;
export type Body<N extends CommandName> = z.output<(typeof COMMANDS)[N]>;

/** `n` is the number of the occurrence or the extension in the path. */
export type Command = { [N in CommandName]: { name: N; body: Body<N>; n?: number } }[CommandName];

/** Who asks, in which role, on which day; and what the state itself can't know. */
export interface Context {
  /** The pseudonym. */
  actor: string;
  role: string;
  /** Whether the person is focal point of the commitment's unit. */
  ownsUnit: boolean;
  /** YYYY-MM-DD, UTC. */
  today: string;
  /** Whether the commitment named by a supersession exists. */
  replacementExists?: boolean;
}
