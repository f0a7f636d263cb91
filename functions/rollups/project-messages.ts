import type { BusMessage } from '../../shared/lambda/queue.ts';
import type { Projector } from './projector.ts';

/** A batch of events in any order, once or often: each commitment that they name counts once. Answers the messages that have to come again. */
export const projectMessages =
  ({ project }: Projector) =>
  async (messages: BusMessage[]): Promise<string[]> => {
    const named = messages.filter(({ event }) => isCommitment(event.subject));
    if (named.length === 0) return [];
    const failed = await project(named.map(({ event }) => event.subject));
    return named.filter(({ event }) => failed.has(event.subject)).map(({ messageId }) => messageId);
  };

/** Responses have events too; nothing of them is counted. */
const isCommitment = (subject: string): boolean => subject.startsWith('cmt_');
