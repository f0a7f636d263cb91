import * as z from 'zod/mini';
import type { Hint } from './export-desk.ts';
import { type Slice, workOn } from './export-slice.ts';

const MESSAGE = z.object({ owner: z.string(), exportId: z.string() });

export interface ExportMessage {
  messageId: string;
  owner: string;
  exportId: string;
}

/** @throws where it names no export. */
export const readExportMessage = (body: string, messageId: string): ExportMessage => ({
  ...MESSAGE.parse(JSON.parse(body)),
  messageId,
});

/** An invocation works for so long, and ends what it is at; the function's timeout is twice as long. */
const SLICE_MS = 5 * 60_000;

export interface BatchWriter {
  slice: Omit<Slice, 'isOver'>;
  hint: Hint;
  sliceMs?: number;
}

/** Goes on with each job that a message names. Answers the messages that have to come again: none, where the next is sent. */
export const writeBatch =
  ({ slice, hint, sliceMs = SLICE_MS }: BatchWriter) =>
  async (messages: readonly ExportMessage[]): Promise<string[]> => {
    const end = slice.now() + sliceMs;
    for (const { owner, exportId } of messages) {
      const outcome = await workOn(owner, exportId, { ...slice, isOver: () => slice.now() >= end });
      if (outcome.next === 'later') await hint({ owner, id: exportId }, outcome.seconds);
    }
    return [];
  };
