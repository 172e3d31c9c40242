/**
 * Multi-stage training: a recipe as a list of single-stage ones, the parameters of a stage in an experiment
 * file, and how weights go from one stage's network to the next one's, which may see images of another size
 * or tell other classes apart.
 */
import type { Architecture } from '../../architecture/architecture.js';
import type { WeightSet } from '../../runtime/runtime.js';
import type { ParamTable, ParamValues } from '../../util/params.js';
import type { Recipe, RecipeStage } from './recipe.js';

/** `stage(epochs: 2, resolution: 16, learning-rate: 1e-3)`; what is not given stays as the recipe has it. */
export const stageParams = {
  epochs: { kind: 'int', min: 1, max: 100_000, doc: 'passes over the training images in this stage' },
  resolution: {
    kind: 'int',
    min: 0,
    max: 1024,
    default: 0,
    doc: 'pixels a side that networks and images have in this stage; 0: as they are',
  },
  'learning-rate': {
    kind: 'number',
    min: 0,
    max: 100,
    default: 0,
    doc: "peak learning rate of this stage; 0: the recipe's",
  },
  'final-learning-rate': {
    kind: 'number',
    min: -1,
    max: 100,
    default: -1,
    doc: "learning rate of the stage's last step; -1: the recipe's",
  },
  'warm-up': {
    kind: 'number',
    min: -1,
    max: 1,
    default: -1,
    doc: "fraction of the stage's steps over which the rate rises; -1: the recipe's",
  },
  'drop-path': {
    kind: 'number',
    min: -1,
    max: 0.95,
    default: -1,
    doc: "stochastic-depth rate of this stage; -1: the recipe's",
  },
} as const satisfies ParamTable;

/** @param values complete and checked */
export function stageFrom(values: ParamValues, dataset?: RecipeStage['dataset']): RecipeStage {
  const number = (key: keyof typeof stageParams): number => values[key] as number;
  return {
    epochs: number('epochs'),
    ...(number('resolution') > 0 && { resolution: number('resolution') }),
    ...(number('learning-rate') > 0 && { learningRate: number('learning-rate') }),
    ...(number('final-learning-rate') >= 0 && { finalLearningRate: number('final-learning-rate') }),
    ...(number('warm-up') >= 0 && { warmupFraction: number('warm-up') }),
    ...(number('drop-path') >= 0 && { dropPath: number('drop-path') }),
    ...(dataset && { dataset }),
  };
}

/** The recipe with its stages; `epochs` becomes their sum. */
export const withStages = (recipe: Recipe, stages: readonly RecipeStage[]): Recipe => ({
  ...recipe,
  stages,
  epochs: stages.reduce((sum, { epochs }) => sum + epochs, 0),
});

/** The stages as recipes of one stage each; a recipe without stages is its own only one. */
export function stageRecipes(recipe: Recipe): (Recipe & Pick<RecipeStage, 'resolution' | 'dataset'>)[] {
  const { stages, ...whole } = recipe;
  return stages === undefined
    ? [whole]
    : stages.map((stage) => {
        const merged = { ...whole, ...stage };
        return { ...merged, finalLearningRate: Math.min(merged.finalLearningRate, merged.learningRate) };
      });
}

/** The network at another size of input. */
export const atResolution = (architecture: Architecture, resolution: number | undefined): Architecture =>
  resolution === undefined
    ? architecture
    : { ...architecture, input: { ...architecture.input, height: resolution, width: resolution } };

/**
 * The weights of the last stage in the shapes of the next one's network: equal shapes as they are, tables of
 * relative positions `[(2h-1)·(2w-1), heads]` resampled bilinearly (as Swin does between resolutions), all
 * else as the new network starts.
 * @returns the weights, and the paths that start anew
 */
export function carryWeights(
  from: WeightSet,
  fresh: WeightSet,
): { readonly weights: WeightSet; readonly anew: readonly string[] } {
  const anew: string[] = [];
  const weights = new Map(
    [...fresh].map(([path, own]) => {
      const old = from.get(path);
      if (old?.shape.join() === own.shape.join()) return [path, old] as const;
      const resampled = old && /bias-table$/.test(path) ? resampleTable(old, own.shape) : undefined;
      if (resampled) return [path, { ...own, values: resampled }] as const;
      anew.push(path);
      return [path, own] as const;
    }),
  );
  return { weights, anew };
}

/**
 * Square tables of offsets, `[n·n, heads]` to `[m·m, heads]`, corners on corners; undefined for anything
 * else.
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
  const place = (index: number): { low: number; high: number; share: number } => {
    const at = m === 1 ? (n - 1) / 2 : (index * (n - 1)) / (m - 1);
    const low = Math.min(n - 1, Math.floor(at));
    return { low, high: Math.min(n - 1, low + 1), share: at - low };
  };
  for (let y = 0; y < m; y++) {
    const row = place(y);
    for (let x = 0; x < m; x++) {
      const column = place(x);
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
