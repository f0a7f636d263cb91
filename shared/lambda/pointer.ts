/** RFC 6901 pointer of a path: `['evidence', 0, 'title']` → `/evidence/0/title`. */
export const pointer = (path: readonly PropertyKey[]): string =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** More errors than this help nobody, and an answer has to fit into the 6 MB that Lambda gives back. */
export const MAX_ERRORS = 100;
