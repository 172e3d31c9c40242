/**
 * Weights from the network of one training stage to that of the next, which may differ in size or classes.
 */
import type { WeightSet } from '../../runtime/runtime.js';

/**
 * The weights of one stage in the shapes of the next stage's network. Weights of equal shape are copied,
 * relative position bias tables `[(2h-1)·(2w-1), heads]` are resampled bilinearly (as Swin does between
 * resolutions, https://arxiv.org/abs/2103.14030), all others keep their fresh values.
 * @returns the weights, and the paths with fresh values
 */
export function carryWeights(
  from: WeightSet,
  initial: WeightSet,
): { readonly weights: WeightSet; readonly fresh: readonly string[] } {
  const fresh: string[] = [];
  const weights = new Map(
    [...initial].map(([path, own]) => {
      const old = from.get(path);
      if (old?.shape.join() === own.shape.join()) return [path, old] as const;
      const resampled = old && /bias-table$/.test(path) ? resampleTable(old, own.shape) : undefined;
      if (resampled) return [path, { ...own, values: resampled }] as const;
      fresh.push(path);
      return [path, own] as const;
    }),
  );
  return { weights, fresh };
}

/**
 * Resamples a square table of offsets from `[n·n, heads]` to `[m·m, heads]`, corners aligned; undefined for
 * other shapes.
 */
function resampleTable(
  old: { readonly shape: readonly number[]; readonly values: Float32Array },
  shape: readonly number[],
): Float32Array | undefined {
  const [rows, heads] = old.shape as [number, number];
  const [n, m] = [Math.round(Math.sqrt(rows)), Math.round(Math.sqrt(shape[0]!))];
  if (
    old.shape.length !== 2 ||
    shape.length !== 2 ||
    heads !== shape[1] ||
    n * n !== rows ||
    m * m !== shape[0]
  )
    return undefined;
  const values = new Float32Array(m * m * heads);
  const sample = (index: number): { low: number; high: number; share: number } => {
    const at = m === 1 ? (n - 1) / 2 : (index * (n - 1)) / (m - 1);
    const low = Math.min(n - 1, Math.floor(at));
    return { low, high: Math.min(n - 1, low + 1), share: at - low };
  };
  for (let y = 0; y < m; y++) {
    const row = sample(y);
    for (let x = 0; x < m; x++) {
      const column = sample(x);
      for (let head = 0; head < heads; head++) {
        const value = (i: number, j: number): number => old.values[(i * n + j) * heads + head]!;
        const upper =
          value(row.low, column.low) * (1 - column.share) + value(row.low, column.high) * column.share;
        const lower =
          value(row.high, column.low) * (1 - column.share) + value(row.high, column.high) * column.share;
        values[(y * m + x) * heads + head] = upper * (1 - row.share) + lower * row.share;
      }
    }
  }
  return values;
}
