/**
 * A binary heap: `pop` returns the least value by `compare` (Williams, Communications of the ACM 7, 1964).
 */
export class MinHeap<V> {
  private readonly values: V[] = [];

  constructor(private readonly compare: (a: V, b: V) => number) {}

  push(value: V): void {
    const { values, compare } = this;
    let at = values.push(value) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (compare(values[parent]!, value) <= 0) break;
      values[at] = values[parent]!;
      at = parent;
    }
    values[at] = value;
  }

  /** Undefined where the heap is empty. */
  pop(): V | undefined {
    const { values, compare } = this;
    const least = values[0];
    const last = values.pop();
    if (values.length === 0 || last === undefined) return least;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= values.length) break;
      const right = left + 1;
      const next = right < values.length && compare(values[right]!, values[left]!) < 0 ? right : left;
      if (compare(last, values[next]!) <= 0) break;
      values[at] = values[next]!;
      at = next;
    }
    values[at] = last;
    return least;
  }
}
