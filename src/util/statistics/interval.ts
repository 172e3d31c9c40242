/** A point estimate with its interval; the one shape in which uncertain numbers travel. */

export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** How many samples it rests on. */
  readonly samples: number;
}

/** Half the interval's width as a fraction of its value; infinite where the value is 0. */
export function relativeHalfWidth(interval: Interval): number {
  return interval.value === 0 ? Infinity : (interval.high - interval.low) / 2 / Math.abs(interval.value);
}

/** Whether two intervals share a point: such estimates are drawn as ties. */
export function overlaps(a: Interval, b: Interval): boolean {
  return a.low <= b.high && b.low <= a.high;
}

/** The interval under a monotone map; a falling map (milliseconds to rate) swaps the ends. */
export function mapInterval(interval: Interval, map: (value: number) => number): Interval {
  const [a, b] = [map(interval.low), map(interval.high)];
  return { value: map(interval.value), low: Math.min(a, b), high: Math.max(a, b), samples: interval.samples };
}
