/**
 * For many points at once: the amounts of other points that lie with each in windows of both measures. Points
 * are swept in the order of params while a Fenwick tree over macs holds those whose params fit (Fenwick
 * 1994), O(log n) a point.
 */
import type { CostCounts, CostRanges } from './cost-counts.js';

/** Indices in rising order of values. */
function sortedBy(values: Float64Array, size: number): Int32Array {
  // Value and index in one double sort far faster than a comparison function, where both fit.
  const most = values.subarray(0, size).reduce((high, value) => Math.max(high, value), 0);
  if ((most + 1) * size < Number.MAX_SAFE_INTEGER) {
    const keys = Float64Array.from({ length: size }, (_, index) => values[index]! * size + index).sort();
    return Int32Array.from(keys, (key) => key % size);
  }
  return Int32Array.from({ length: size }, (_, index) => index).sort((a, b) => values[a]! - values[b]!);
}

/**
 * @param others with amounts in doubles @returns for each point of `points`, the amount of `others` that is
 * within the windows with it
 */
export function fenwickSweep(
  points: CostCounts,
  others: CostCounts,
  { params, macs }: CostRanges,
): Float64Array {
  const { size } = others;
  const result = new Float64Array(points.size);
  const ranks = others.macs.slice(0, size).sort();
  const rankOf = (value: number): number => {
    // values at most `value`
    let [low, high] = [0, size];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ranks[middle]! <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const places = Int32Array.from({ length: size }, (_, index) => rankOf(others.macs[index]!));
  const tree = new Float64Array(size + 1);
  const add = (place: number, amount: number): void => {
    for (let at = place; at <= size; at += at & -at) tree[at]! += amount;
  };
  const upTo = (rank: number): number => {
    let sum = 0;
    for (let at = rank; at > 0; at -= at & -at) sum += tree[at]!;
    return sum;
  };
  const order = sortedBy(others.params, size);
  const from = sortedBy(points.params, points.size);
  let [entered, left] = [0, 0];
  for (let step = points.size - 1; step >= 0; step--) {
    // falling params: what may go with them rises
    const index = from[step]!;
    const own = points.params[index]!;
    for (; entered < size && others.params[order[entered]!]! <= params.high - own; entered++)
      add(places[order[entered]!]!, others.counts[order[entered]!] as number);
    for (; left < entered && others.params[order[left]!]! < params.low - own; left++)
      add(places[order[left]!]!, -(others.counts[order[left]!] as number));
    const high = upTo(rankOf(macs.high - points.macs[index]!));
    result[index] = high - (macs.low === -Infinity ? 0 : upTo(rankOf(macs.low - 1 - points.macs[index]!)));
  }
  return result;
}
