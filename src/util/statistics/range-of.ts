/** Least and greatest of any number of values; `Math.min(...values)` fails beyond some 100,000. */
export function rangeOf(values: Iterable<number>): [least: number, most: number] {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}
