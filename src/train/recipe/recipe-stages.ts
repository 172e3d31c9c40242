/**
 * Multi-stage training: the parameters of a stage in an experiment file, and a recipe as a list of
 * single-stage recipes.
 */
import type { Architecture } from '../../architecture/architecture.js';
import type { DatasetCall } from '../../data/dataset.js';
import type { ParamTable, ParamValues } from '../../util/params.js';
import type { Recipe, RecipeStage } from './recipe.js';

/** `stage(epochs: 2, resolution: 16, learning-rate: 1e-3)`; absent parameters keep the recipe's values. */
export const stageParams = {
  epochs: { kind: 'int', min: 1, max: 100_000, doc: 'passes over the training images in this stage' },
  resolution: {
    kind: 'int',
    min: 0,
    max: 1024,
    default: 0,
    doc: 'pixels a side of images and network input in this stage; 0: unchanged',
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
export function stageFrom(values: ParamValues, dataset?: DatasetCall): RecipeStage {
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

/** One recipe for each stage; a recipe without stages is its own only stage. */
export function stageRecipes(recipe: Recipe): (Recipe & Pick<RecipeStage, 'resolution' | 'dataset'>)[] {
  const { stages, ...whole } = recipe;
  return stages === undefined
    ? [whole]
    : stages.map((stage) => {
        const merged = { ...whole, ...stage };
        return { ...merged, finalLearningRate: Math.min(merged.finalLearningRate, merged.learningRate) };
      });
}

/** The architecture at another input resolution; undefined: unchanged. */
export const atResolution = (architecture: Architecture, resolution: number | undefined): Architecture =>
  resolution === undefined
    ? architecture
    : { ...architecture, input: { ...architecture.input, height: resolution, width: resolution } };
