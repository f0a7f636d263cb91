import { EVENT_TYPES, type EventOf, type EventType } from '../commitment/event.ts';
import type { Change } from './entry.ts';

type ChangesOf = { [T in EventType]: (data: EventOf<T>['data']) => Change[] };

/**
 * What an event changes in the machine-readable state of its commitment, as an RFC 6902 patch on its representation: statuses, dates,
 * numbers and references, never a text.
 */
const CHANGES: ChangesOf = {
  [EVENT_TYPES.registered]: ({ status, due }) => [
    { op: 'add', path: '/status', value: status },
    ...(due?.date ? [{ op: 'add' as const, path: '/due/date', value: due.date }] : []),
  ],
  [EVENT_TYPES.progressReported]: ({ progress, occurrence }) => {
    const at = occurrence ? `/occurrences/${occurrence.n - 1}` : '';
    return [
      ...(occurrence ? [{ op: 'replace' as const, path: `${at}/status`, value: occurrence.status }] : []),
      ...(progress === undefined
        ? []
        : [{ op: 'replace' as const, path: `${at}/progress`, value: progress }]),
    ];
  },
  [EVENT_TYPES.statusChanged]: ({ from, to, by }) => [
    { op: 'test', path: '/status', value: from },
    { op: 'replace', path: '/status', value: to },
    ...(by ? [{ op: 'replace' as const, path: '/supersededBy', value: by }] : []),
  ],
  [EVENT_TYPES.extensionRequested]: ({ n, due, precision }) => [
    { op: 'add', path: `/extensions/${n - 1}`, value: { n, due, precision } },
  ],
  [EVENT_TYPES.extensionGranted]: ({ n, due }) => [
    { op: 'replace', path: `/extensions/${n - 1}/decision`, value: 'granted' },
    { op: 'replace', path: '/due/date', value: due },
  ],
  [EVENT_TYPES.extensionDeclined]: ({ n }) => [
    { op: 'replace', path: `/extensions/${n - 1}/decision`, value: 'declined' },
  ],
  [EVENT_TYPES.evidenceAdded]: ({ items }) =>
    items.map(({ n }) => ({ op: 'add', path: `/evidence/${n - 1}`, value: { n } })),
  [EVENT_TYPES.responseRegistered]: () => [],
  [EVENT_TYPES.rollupRecalculated]: () => [],
};

/** Empty for a type that is not known here. */
export const changesOf = (type: string, data: unknown): Change[] => {
  const changes = CHANGES[type as EventType] as ((data: unknown) => Change[]) | undefined;
  return changes ? changes(data) : [];
};
