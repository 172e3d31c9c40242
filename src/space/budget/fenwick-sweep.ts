/**
 * For many costs at once: the mass of the other costs that keep within both ranges together with each. Costs
 * are swept in the order of params, while a Fenwick tree over macs (Fenwick 1994,
 * https://doi.org/10.1002/spe.4380240306) holds those whose params fit: O(log n) per cost.
 */
import type { CostRanges } from '../conditions/cost-ranges.js';
import type { CostCounts } from './cost-counts.js';

/** Indices in ascending order of the values. */
function sortedBy(values: Float64Array, size: number): Int32Array {
  // Sorting value and index packed in one double is far faster than a comparison function.
  const most = values.subarray(0, size).reduce((high, value) => Math.max(high, value), 0);
  if ((most + 1) * size < Number.MAX_SAFE_INTEGER) {
    const keys = Float64Array.from({ length: size }, (_, index) => values[index]! * size + index).sort();
    return Int32Array.from(keys, (key) => key % size);
  }
  return Int32Array.from({ length: size }, (_, index) => index).sort((a, b) => values[a]! - values[b]!);
}

/**
 * @param others costs with masses in doubles
 * @returns for each cost of `points`, the mass of the `others` that fit together with it
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
    // number of values that are at most `value`
    let [low, high] = [0, size];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ranks[middle]! <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const ranksOf = Int32Array.from({ length: size }, (_, index) => rankOf(others.macs[index]!));
  const tree = new Float64Array(size + 1);
  const add = (rank: number, mass: number): void => {
    for (let at = rank; at <= size; at += at & -at) tree[at]! += mass;
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
    // as params fall, the params that may be added rise
    const index = from[step]!;
    const own = points.params[index]!;
    for (; entered < size && others.params[order[entered]!]! <= params.high - own; entered++)
      add(ranksOf[order[entered]!]!, others.counts[order[entered]!] as number);
    for (; left < entered && others.params[order[left]!]! < params.low - own; left++)
      add(ranksOf[order[left]!]!, -(others.counts[order[left]!] as number));
    const high = upTo(rankOf(macs.high - points.macs[index]!));
    result[index] = high - (macs.low === -Infinity ? 0 : upTo(rankOf(macs.low - 1 - points.macs[index]!)));
  }
  return result;
}
