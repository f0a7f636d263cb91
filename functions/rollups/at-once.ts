/** Reads at a time: enough to hide the round trips, few enough to share the table. */
export const READS_AT_ONCE = 24;
