/**
 * Trainings before the one that is scored: of a guide, and of the network that a lottery ticket prunes. They
 * are functions of the request, and run again where a training resumes.
 */
import type { SparsityMasks } from '../network/sparsity-masks.js';
import { ticketMasks } from '../network/structured-masks.js';
import { taskOf } from '../network/task.js';
import type { Model, Runtime, WeightSet } from '../runtime/runtime.js';
import { seededRandom } from '../util/random.js';
import { trainLoop } from './loop/train-loop.js';
import { weightSeed } from './loop/training-options.js';
import type { Recipe } from './recipe/recipe.js';
import type { TrainRequest } from './train-request.js';
import type { TrainingStage } from './training-stage.js';

type Request = Pick<TrainRequest, 'recipe' | 'seed' | 'guide' | 'execution'>;

/** Lets messages of the parent in. */
export const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** Seed of the initial weights that the scored training starts from. */
export function startSeed({ recipe, seed }: Request, { ticket }: Pick<Recipe, 'ticket'>): number {
  const own = recipe.fixedSeeds?.weights ?? seed;
  return weightSeed(ticket?.start === 'fresh' ? derivedSeed(own, 'ticket') : own);
}

const derivedSeed = (seed: number, of: string): number => seededRandom(seed).fork(of).integer(0x7fffffff);

/** Trains to the end. @throws Error where the training diverges */
async function trained(
  model: Model,
  { dataset, recipe }: Pick<TrainingStage, 'dataset' | 'recipe'>,
  { execution }: Request,
  seed: number,
  what: string,
): Promise<WeightSet> {
  const { weights, diverged } = await trainLoop({
    model,
    dataset,
    recipe,
    execution,
    seed,
    task: taskOf(model.architecture),
    now: () => performance.now(),
    pause: nextTurn,
  });
  if (!weights) throw new Error(`train: the training of the ${what} diverged: ${diverged}`);
  return weights;
}

/** The guide of a recipe with guidance: its own seeds, trained by the same recipe where that asks for it. */
export async function guideModel(
  runtime: Runtime,
  request: Request,
  { recipe: { guidance, ticket: _, ...recipe }, dataset }: TrainingStage,
): Promise<Model> {
  if (!request.guide) throw new Error('train: guidance needs a guide network, got none');
  const seed = derivedSeed(request.seed, 'guide');
  const model = runtime.instantiate(request.guide, { seed: weightSeed(seed) });
  if (!guidance?.epochs) return model;
  const stage = { dataset, recipe: { ...recipe, epochs: guidance.epochs } };
  model.writeWeights(await trained(model, stage, request, seed, 'guide'));
  return model;
}

/** Masks of a ticket: the whole network is trained by the same recipe, then its units are ranked. */
export async function prunedMasks(
  runtime: Runtime,
  request: Request,
  { architecture, recipe: { ticket, guidance: _, ...recipe }, dataset }: TrainingStage,
): Promise<SparsityMasks> {
  const { of, share, choice } = ticket!;
  const model = runtime.instantiate(architecture, {
    seed: weightSeed(request.recipe.fixedSeeds?.weights ?? request.seed),
  });
  const initial = await model.readWeights();
  const random = seededRandom(derivedSeed(request.seed, 'random ticket'));
  const isRandom = choice === 'random';
  const weights = isRandom
    ? initial
    : await trained(model, { dataset, recipe }, request, request.seed, 'whole network');
  model.dispose();
  const drawn = (unit: number): number => random.fork(`unit ${unit}`).next();
  return ticketMasks({
    architecture,
    unit: of,
    share,
    trained: weights,
    initial,
    ...(isRandom && { rank: drawn }),
  });
}
