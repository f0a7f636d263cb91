import { type Counters, readName } from './counter.ts';

interface Sum {
  pledged: number;
  secured: number;
}

/** Sums in minor units per currency; an amount with a shared key counts once, with the greatest that anyone names. */
export function amountsOf(counters: Counters): (Sum & { currency: string })[] {
  const sums = new Map<string, Sum>();
  const shared = new Map<string, Sum & { currency: string }>();
  const sumOf = (currency: string): Sum => {
    const sum = sums.get(currency) ?? { pledged: 0, secured: 0 };
    sums.set(currency, sum);
    return sum;
  };
  for (const [name, value] of Object.entries(counters)) {
    if (value === 0) continue;
    const [kind, rest] = readName(name);
    if (kind === 'n') sumOf(rest);
    else if (kind === 'p') sumOf(rest).pledged += value;
    else if (kind === 'q') sumOf(rest).secured += value;
    else if (kind === 'P' || kind === 'Q') {
      const [currency, afterCurrency] = readName(rest);
      const [amount, key] = readName(afterCurrency);
      const place = `${currency}:${key}`;
      const known = shared.get(place) ?? { currency, pledged: 0, secured: 0 };
      const field = kind === 'P' ? 'pledged' : 'secured';
      shared.set(place, { ...known, [field]: Math.max(known[field], Number(amount)) });
    }
  }
  for (const { currency, pledged, secured } of shared.values()) {
    const sum = sumOf(currency);
    sum.pledged += pledged;
    sum.secured += secured;
  }
  return [...sums]
    .map(([currency, sum]) => ({ currency, ...sum }))
    .sort((a, b) => (a.currency < b.currency ? -1 : 1));
}
