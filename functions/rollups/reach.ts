import type { Brief } from '../../shared/store/commitments.ts';

/** Everything that `id` depends on, directly or not, itself left out; `dependsOn` knows the direct ones. */
export function reach(id: string, dependsOn: (id: string) => readonly string[]): string[] {
  const found = new Set<string>();
  const ahead = [...dependsOn(id)];
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    if (found.has(next) || next === id) continue;
    found.add(next);
    ahead.push(...dependsOn(next));
  }
  return [...found].sort();
}

/** The commitments with these ids, and those of other responses that they depend on, directly or not. */
export async function withDependencies(
  ids: string[],
  load: (ids: string[]) => Promise<Map<string, Brief>>,
): Promise<Map<string, Brief>> {
  const found = new Map<string, Brief>();
  const asked = new Set(ids);
  for (let ahead = ids; ahead.length > 0; ) {
    const more = await load(ahead);
    for (const [id, brief] of more) found.set(id, brief);
    const named = [...more.values()].flatMap(({ card }) => card.dependsOn);
    ahead = [...new Set(named)].filter((id) => !asked.has(id));
    for (const id of ahead) asked.add(id);
  }
  return found;
}
