import type { Row } from './row.ts';

export interface MeasureOptions {
  /** Fewer and shorter rounds: shows that it runs, proves little. */
  quick: boolean;
  /** A line of progress. */
  say(line: string): void;
}

/** One measurement: its rows. It leaves nothing behind. */
export type Measure = (options: MeasureOptions) => Promise<Row[]>;
