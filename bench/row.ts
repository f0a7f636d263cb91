import { type Spread, spread } from './spread.ts';

/** One line of the result. */
export interface Row {
  name: string;
  unit: string;
  figure: Spread;
  /** What the figure is held against, measured in the same run. */
  floor?: Spread & { name: string };
  /** Figure ÷ floor, round by round. */
  ratio?: Spread;
  target?: Target;
  holds?: boolean;
  note?: string;
}

/** A bound on the median of the figure or of the ratio. */
export interface Target {
  of: 'figure' | 'ratio';
  is: 'at least' | 'at most';
  value: number;
}

export interface RowInput {
  name: string;
  unit: string;
  figures: readonly number[];
  floor?: { name: string; values: readonly number[] };
  ratios?: readonly number[];
  target?: Target;
  note?: string;
}

export function row({ name, unit, figures, floor, ratios, target, note }: RowInput): Row {
  const figure = spread(figures);
  const ratio = ratios && spread(ratios);
  const measured = target?.of === 'ratio' ? ratio?.median : figure.median;
  if (target && measured === undefined) throw new TypeError(`${name} has a target and no ratio`);
  return {
    name,
    unit,
    figure,
    ...(floor && { floor: { name: floor.name, ...spread(floor.values) } }),
    ...(ratio && { ratio }),
    ...(target && { target, holds: holds(target, measured as number) }),
    ...(note && { note }),
  };
}

const holds = ({ is, value }: Target, measured: number): boolean =>
  is === 'at least' ? measured >= value : measured <= value;
