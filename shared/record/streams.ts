/** The id of an event: the same wherever it is told. */
export const eventId = (stream: string, sequence: number): string => `${stream}/${sequence}`;

/** The stream of the refused commands on one target. */
export const refusalStream = (target: string): string => `refusals.${target}`;
/** The stream of what was done to one target and yields no event. */
export const actStream = (target: string): string => `acts.${target}`;
/** Streams that nobody but the audit trail reads. */
export const isTrailStream = (stream: string): boolean => /^(refusals|acts)\./.test(stream);
/** The stream of the findings about a stream. */
export const integrityStream = (stream: string): string => `integrity.${stream}`;
/** The stream of what happened to the totals as a whole. */
export const ROLLUPS_STREAM = 'rollups';
/** The stream of the daily manifests of stream heads. */
export const MANIFESTS_STREAM = 'manifests';
