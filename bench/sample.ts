import { commitmentBody, readRows } from '../local/iom-response.ts';

/** The bodies that register the sample's commitments, without recurrence and dependencies: any of them can stand alone and be updated. */
export const commitmentBodies = (responseId: string) =>
  readRows().map((row) => ({ ...commitmentBody(row, responseId, []), recurrence: null }));

/** Plain words of exactly so many bytes. */
export function narrative(bytes: number, seed = 0): string {
  const words = `Report ${seed}: the division trained staff in three regions, agreed the next steps with the units and published the plan. `;
  return words
    .repeat(Math.ceil(bytes / words.length))
    .slice(0, bytes - 1)
    .concat('.');
}
