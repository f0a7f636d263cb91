/** RFC 3339, UTC, milliseconds. */
export type Clock = () => string;

export const systemClock: Clock = () => new Date().toISOString();
