import type { Totals } from './contribution.ts';
import type { Counters } from './counter.ts';

/** What has to be added to `before` to get `after`; counters and groups that don't differ are left out. */
export function difference(before: Totals, after: Totals): Totals {
  const changes: Totals = new Map();
  const ids = new Set([...before.keys(), ...after.keys()]);
  for (const id of ids) {
    const change = between(before.get(id) ?? {}, after.get(id) ?? {});
    if (Object.keys(change).length > 0) changes.set(id, change);
  }
  return changes;
}

function between(before: Counters, after: Counters): Counters {
  const change: Counters = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const delta = (after[name] ?? 0) - (before[name] ?? 0);
    if (delta !== 0) change[name] = delta;
  }
  return change;
}

/** Adds in place; counters that come to nothing leave, and groups with them. */
export function addTo(totals: Totals, changes: Totals): void {
  for (const [id, change] of changes) {
    const counters = totals.get(id) ?? {};
    for (const [name, delta] of Object.entries(change)) {
      const sum = (counters[name] ?? 0) + delta;
      if (sum === 0) delete counters[name];
      else counters[name] = sum;
    }
    if (Object.keys(counters).length > 0) totals.set(id, counters);
    else totals.delete(id);
  }
}
