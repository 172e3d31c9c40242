/**
 * Positions of cost vectors in lexicographic order, equal vectors by position. Buckets along the first cost
 * leave little to compare: O(n) for spread values, O(n log n) at worst.
 */

/** Points per bucket on average, and most that are sorted by insertion. */
const PER_BUCKET = 2;
const INSERTION = 24;

/** @param flat `[n · objectives]`, point by point; no NaN */
export function lexicographicOrder(flat: Float64Array, objectives: number): Uint32Array {
  const n = flat.length / objectives;
  const { order, starts } = bucketed(flat, objectives, n);
  for (let bucket = 0; bucket + 1 < starts.length; bucket++) {
    const [from, to] = [starts[bucket]!, starts[bucket + 1]!];
    if (to - from > INSERTION)
      order.subarray(from, to).sort((a, b) => compare(flat, objectives, a, b) || a - b);
    else insertionSort(order, from, to, flat, objectives);
  }
  return order;
}

/** Of the points at two positions. */
export function compare(flat: Float64Array, objectives: number, a: number, b: number): number {
  for (let axis = 0, i = a * objectives, j = b * objectives; axis < objectives; axis++, i++, j++) {
    if (flat[i]! < flat[j]!) return -1;
    if (flat[i]! > flat[j]!) return 1;
  }
  return 0;
}

/**
 * Positions grouped by ascending ranges of the first cost; `starts` has one entry more than there are groups.
 */
function bucketed(
  flat: Float64Array,
  objectives: number,
  n: number,
): { readonly order: Uint32Array; readonly starts: Uint32Array } {
  let [low, high] = [Infinity, -Infinity];
  for (let at = 0; at < flat.length; at += objectives) {
    const value = flat[at]!;
    if (value < low && value > -Infinity) low = value;
    if (value > high && value < Infinity) high = value;
  }
  const buckets = Math.max(1, Math.ceil(n / PER_BUCKET));
  const scale = high > low ? (buckets - 1) / (high - low) : 0;
  // Infinities have buckets of their own at both ends.
  const bucketOf = (value: number): number => {
    if (value === -Infinity) return 0;
    if (value === Infinity) return buckets + 1;
    return scale > 0 ? 1 + Math.floor((value - low) * scale) : 1;
  };
  const counts = new Uint32Array(buckets + 3);
  const own = new Uint32Array(n);
  for (let point = 0; point < n; point++) {
    const bucket = bucketOf(flat[point * objectives]!);
    own[point] = bucket;
    counts[bucket + 1]!++;
  }
  for (let bucket = 1; bucket < counts.length; bucket++) counts[bucket]! += counts[bucket - 1]!;
  const next = counts.slice();
  const order = new Uint32Array(n);
  for (let point = 0; point < n; point++) order[next[own[point]!]!++] = point;
  return { order, starts: counts };
}

function insertionSort(
  order: Uint32Array,
  from: number,
  to: number,
  flat: Float64Array,
  objectives: number,
): void {
  for (let at = from + 1; at < to; at++) {
    const point = order[at]!;
    let hole = at;
    // Points of a bucket start in the order of their positions, so equal ones stay in it.
    for (; hole > from && compare(flat, objectives, point, order[hole - 1]!) < 0; hole--)
      order[hole] = order[hole - 1]!;
    order[hole] = point;
  }
}
