import type { Bus, PutEventsFault } from './bus/bus.ts';

/** Faults that the local services never have, for tests. */
export interface Faults {
  /** Entries for which `fault` gives an error code fail with it; undefined takes the fault away. */
  putEvents(fault: PutEventsFault | undefined): void;
}

export function makeFaults(bus: Bus): Faults {
  return { putEvents: (fault) => bus.setFault(fault) };
}
