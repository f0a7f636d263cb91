import type { BusMessage } from '../../../shared/lambda/queue.ts';
import { type Recorder, recordStream } from './record-stream.ts';

/** Records what a batch of messages hints at, stream beside stream. Answers the messages whose stream could not be recorded. */
export async function recordBatch(
  messages: readonly BusMessage[],
  deps: Recorder & {
    /** Tells the sequencer that entries wait. */
    hint(): Promise<void>;
  },
): Promise<string[]> {
  const streams = Map.groupBy(messages, ({ event }) => event.subject);
  const failed = await Promise.all(
    [...streams].map(async ([stream, hints]) => {
      try {
        await recordStream(
          stream,
          hints.map(({ event }) => event.sequence),
          deps,
        );
        return [];
      } catch (error) {
        deps.log.error('recording failed', { stream, error });
        return hints.map(({ messageId }) => messageId);
      }
    }),
  );
  // Each minute the sequencer looks by itself.
  await deps.hint().catch((error: unknown) => deps.log.error('hinting failed', { error }));
  return failed.flat();
}
