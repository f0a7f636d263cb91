/**
 * Which of the offered media types an `Accept` header prefers (RFC 9110, 12.5.1): the highest weight wins, the first offered among
 * equals; without a header the first. Null where it takes none of them.
 */
export function preferred<T extends string>(accept: string | undefined, offered: readonly T[]): T | null {
  if (!accept?.trim()) return offered[0] ?? null;
  const ranges = accept.split(',').map(readRange);
  let best: { type: T; weight: number } | null = null;
  for (const type of offered) {
    const weight = weightOf(type, ranges);
    if (weight > (best?.weight ?? 0)) best = { type, weight };
  }
  return best?.type ?? null;
}

interface Range {
  name: string;
  weight: number;
}

function readRange(text: string): Range {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const q = parameters.find((parameter) => parameter.startsWith('q='));
  const weight = q === undefined ? 1 : Number(q.slice(2));
  return { name, weight: weight >= 0 && weight <= 1 ? weight : 0 };
}

/** The most specific range that covers a type decides. */
function weightOf(type: string, ranges: readonly Range[]): number {
  const family = `${type.split('/')[0]}/*`;
  for (const name of [type, family, '*/*']) {
    const range = ranges.find((candidate) => candidate.name === name);
    if (range) return range.weight;
  }
  return 0;
}
