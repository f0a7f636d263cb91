/** What a figure came to over its rounds. */
export interface Spread {
  min: number;
  median: number;
  max: number;
}

/** @param values at least one. */
export const spread = (values: readonly number[]): Spread => ({
  min: percentile(values, 0),
  median: percentile(values, 50),
  max: percentile(values, 100),
});

/** The value below which `p` per cent of the values lie (nearest rank). */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('nothing was measured');
  return value;
}

/** Ratios of two series, round by round: noise that lasts longer than a round falls on both. */
export function ratios(figures: readonly number[], floors: readonly number[]): number[] {
  if (figures.length !== floors.length) throw new RangeError('the series are not of the same rounds');
  return figures.map((figure, round) => figure / (floors[round] ?? Number.NaN));
}

/** The rounds of several variants, interleaved: each variant once a round, in an order drawn anew. */
export async function interleave<Name extends string, T>(
  rounds: number,
  variants: Record<Name, () => Promise<T>>,
): Promise<Record<Name, T[]>> {
  const names = Object.keys(variants) as Name[];
  const found = Object.fromEntries(names.map((name) => [name, [] as T[]])) as Record<Name, T[]>;
  for (let round = 0; round < rounds; round++)
    for (const name of shuffled(names)) found[name].push(await variants[name]());
  return found;
}

function shuffled<T>(values: readonly T[]): T[] {
  const left = [...values];
  const drawn: T[] = [];
  while (left.length > 0) drawn.push(...left.splice(Math.floor(Math.random() * left.length), 1));
  return drawn;
}
