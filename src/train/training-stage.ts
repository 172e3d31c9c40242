/** One stage of a training: its recipe, its data at its resolution, and the network for that data. */
import type { Architecture } from '../architecture/architecture.js';
import type { Dataset, SplitRecord } from '../data/dataset.js';
import { loadDataset } from '../data/dataset-table.js';
import { splitRecord } from '../data/images/image-set.js';
import { balancedSubset } from '../data/images/limit-splits.js';
import { resizeSet } from '../data/images/resize-set.js';
import { seededRandom } from '../util/random.js';
import type { Recipe } from './recipe/recipe.js';
import { atResolution, stageRecipes } from './recipe/recipe-stages.js';
import { taskProblem } from './recipe/task-problem.js';
import type { TrainRequest } from './train-request.js';

export interface TrainingStage {
  readonly recipe: Recipe;
  readonly architecture: Architecture;
  readonly dataset: Dataset;
  /** Of the last stage; of earlier ones empty. */
  readonly splits: readonly SplitRecord[];
}

type StageRecipe = ReturnType<typeof stageRecipes>[number];

/** All stages of a request, in order. @throws Error where data, recipe and architecture do not fit */
export async function loadStages(request: TrainRequest): Promise<readonly TrainingStage[]> {
  const recipes = stageRecipes(request.recipe);
  const stages: TrainingStage[] = [];
  for (const [index, recipe] of recipes.entries())
    stages.push(await loadStage(request, recipe, index === recipes.length - 1));
  return stages;
}

async function loadStage(
  request: TrainRequest,
  { resolution, dataset: otherData, ...recipe }: StageRecipe,
  isLast: boolean,
): Promise<TrainingStage> {
  const whole = await loadDataset(
    otherData ? { ...otherData, baseFolder: request.dataset.baseFolder } : request.dataset,
  );
  const reduced =
    recipe.fraction === undefined ? whole : { ...whole, train: fractionOf(whole, recipe.fraction) };
  if (isLast) checkHash(reduced, request.expectedHash);
  const dataset = resized(reduced, resolution);
  const architecture = withClasses(atResolution(request.architecture, resolution), dataset, recipe, isLast);
  const splits = isLast
    ? [splitRecord('train', whole.train), splitRecord('validation', whole.validation)]
    : [];
  return { recipe, architecture, dataset, splits };
}

/** A balanced part of the training images: the same ones for every network and seed. */
const fractionOf = ({ train, classes }: Dataset, fraction: number): Dataset['train'] =>
  balancedSubset(
    train,
    classes.length,
    Math.max(1, Math.round(fraction * train.count)),
    seededRandom('fraction'),
  );

function resized(dataset: Dataset, resolution: number | undefined): Dataset {
  if (resolution === undefined) return dataset;
  return {
    ...dataset,
    train: resizeSet(dataset.train, resolution, resolution),
    validation: resizeSet(dataset.validation, resolution, resolution),
  };
}

function checkHash({ name, hash }: Dataset, expected: string | undefined): void {
  if (expected !== undefined && hash !== expected)
    throw new Error(
      `data: ${name} must stay as it was when the run began (hash ${expected.slice(0, 12)}), ` +
        `got ${hash.slice(0, 12)}`,
    );
}

/**
 * The architecture with the classes of its data. Only a stage of pre-training may have other classes than the
 * request's architecture.
 */
function withClasses(
  architecture: Architecture,
  dataset: Dataset,
  recipe: Recipe,
  isLast: boolean,
): Architecture {
  const { input, classes } = architecture;
  const { height, width, channels } = dataset.train;
  if (height !== input.height || width !== input.width || channels !== input.channels)
    throw new Error(
      `train: images must be ${input.height}x${input.width}x${input.channels} as the architecture's input, ` +
        `got ${height}x${width}x${channels} in ${dataset.name}`,
    );
  const problem = taskProblem(architecture, dataset, recipe);
  if (problem !== undefined) throw new Error(`train: ${problem}`);
  if (dataset.classes.length === classes) return architecture;
  if (isLast)
    throw new Error(
      `train: data must have the architecture's ${classes} classes, ` +
        `got ${dataset.classes.length} in ${dataset.name}`,
    );
  return { ...architecture, classes: dataset.classes.length };
}
