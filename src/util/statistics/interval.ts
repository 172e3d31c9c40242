/**
 * Point estimates with an interval: the one shape of an uncertain number. Intervals are 95 % unless stated.
 */

/** A value with its interval; an exact number has `low === value === high`. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** The scatter is unknown: `low` and `high` repeat the value, and no interval is shown. */
  readonly unknown?: true;
}

/** An interval estimated from a sample. */
export interface Estimate extends Interval {
  /** Sample size. */
  readonly samples: number;
  /**
   * Relative difference that the measuring run resolves, where it is known. Two such estimates tie when their
   * ratio lies within it, whatever their own intervals say.
   */
  readonly resolution?: number;
  /** Declared relative difference below which two such estimates count as the same, and tie as well. */
  readonly relevance?: number;
}

type Comparable = Interval & Pick<Estimate, 'resolution' | 'relevance'>;

/** The interval of an exact number. */
export const exactInterval = (value: number): Interval => ({ value, low: value, high: value });

/** A single sample: a value whose scatter nothing tells. */
export const unknownInterval = (value: number): Interval => ({
  value,
  low: value,
  high: value,
  unknown: true,
});

/** Marks an interval without width as unknown: no sample is free of scatter, it only has not been seen. */
export const unlessPoint = <I extends Interval>(interval: I): I =>
  interval.low < interval.high ? interval : { ...interval, unknown: true };

/** The part of an interval within what the quantity can be: from 0 to `most`. */
export const clampedInterval = <I extends Interval>(interval: I, most: number): I => ({
  ...interval,
  low: Math.max(0, interval.low),
  high: Math.min(most, interval.high),
});

/** The greater of the two half-widths; 0 for an exact number. */
export const halfWidth = ({ value, low, high }: Interval): number => Math.max(high - value, value - low, 0);

/** Half the interval's width as a fraction of its value; infinite where the value is 0. */
export function relativeHalfWidth({ value, low, high }: Interval): number {
  return value === 0 ? Infinity : (high - low) / 2 / Math.abs(value);
}

/**
 * Whether two estimates are reported as ties: their ratio lies within the resolution of the run that measured
 * both or within the declared relevance, or, where no resolution is known, their intervals share a point. An
 * unknown interval overlaps every other.
 */
export function overlaps(a: Comparable, b: Comparable): boolean {
  if (a.resolution !== undefined && b.resolution !== undefined && a.value > 0 && b.value > 0)
    return Math.abs(Math.log(a.value / b.value)) <= Math.log1p(leastDifference(a, b));
  if (a.unknown || b.unknown) return true;
  return a.low <= b.high && b.low <= a.high;
}

/** A difference that counts is larger than what the run tells, and than what its user declared relevant. */
const leastDifference = (...estimates: readonly Comparable[]): number =>
  Math.max(...estimates.map(({ resolution = 0, relevance = 0 }) => Math.max(resolution, relevance)));

/** The estimate under a monotone map; a decreasing map (milliseconds to rate) swaps the ends. */
export function mapInterval(
  { value, low, high, samples, unknown, resolution, relevance }: Estimate,
  map: (value: number) => number,
): Estimate {
  const [a, b] = [map(low), map(high)];
  return {
    value: map(value),
    low: Math.min(a, b),
    high: Math.max(a, b),
    samples,
    ...(unknown && { unknown }),
    ...(resolution === undefined ? {} : { resolution }),
    ...(relevance === undefined ? {} : { relevance }),
  };
}
