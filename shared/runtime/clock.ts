/** RFC 3339, UTC, milliseconds. */
export type Clock = () => string;

export const systemClock: Clock = () => new Date().toISOString();

/** The latest of RFC 3339 times that are written alike. */
export const latest = (...times: readonly string[]): string => [...times].sort().at(-1) ?? '';
