/**
 * The training loop over an instantiated network: epochs of shuffled, augmented batches, a scoring pass after each, and a
 * state to keep after each. Everything random comes from forks of one seed by name, so an epoch depends on the seed and its
 * number alone, and a training resumed after any epoch goes on exactly as if it had not stopped.
 */
import type { Execution, Inference, Model } from '../runtime/contract.js';
import { seededRandom } from '../util/random.js';
import type { Checkpoint } from './checkpoint.js';
import type { Dataset, EpochRow, Recipe } from './contract.js';
import { scoringBatches, stepsPerEpoch, trainingBatches } from './data/batches.js';
import { DivergenceWatch } from './divergence.js';
import { learningRateAt } from './schedule.js';

export interface LoopOptions {
  readonly model: Model;
  readonly dataset: Dataset;
  readonly recipe: Recipe;
  readonly execution: Execution;
  readonly seed: number;
  /** Where to go on; absent: from the start. */
  readonly from?: Omit<Checkpoint, 'request'>;
  /** Milliseconds, monotonic. */
  now(): number;
  /** Lets other events of the process run; called after every step. */
  pause(): Promise<void>;
  onStep?(progress: StepProgress): void;
  /** Called after each epoch, before the next begins; what it throws ends the training. */
  onEpoch?(row: EpochRow, state: Omit<Checkpoint, 'request'>): void;
}

export interface StepProgress {
  readonly epoch: number; // from 1
  readonly epochs: number;
  readonly step: number; // of the whole training, from 1
  readonly steps: number;
  readonly loss: number;
  readonly imagesPerSecond: number;
  /** Of training; scoring passes of the epochs to come included. */
  readonly secondsLeft: number;
}

export interface LoopEnd {
  /** Why the training ended early; undefined when it went to its end. */
  readonly diverged: string | undefined;
  readonly epochs: readonly EpochRow[];
  readonly steps: number;
  readonly seconds: number;
  /** From the start of building the step to the end of its first run. */
  readonly firstStepMs: number;
}

/** Seeds of the streams that the engine draws from; data order and augmentation fork in `data/batches`. */
export const weightSeed = (seed: number): number => seededRandom(seed).fork('weights').integer(0x7fffffff);
export const graphSeed = (seed: number): number => seededRandom(seed).fork('in-graph').integer(0x7fffffff);

export async function trainLoop(options: LoopOptions): Promise<LoopEnd> {
  const { model, dataset, recipe, execution, seed, from, now } = options;
  const begin = now();
  const steps = recipe.epochs * stepsPerEpoch(dataset.train.count, recipe.batch);
  const rows = [...from?.epochs ?? []];
  let [step, firstStepMs] = [from?.step ?? 0, from?.firstStepMs ?? 0];
  const secondsSoFar = (): number => (from?.seconds ?? 0) + (now() - begin) / 1000;
  const end = (diverged?: string): LoopEnd => ({ diverged, epochs: rows, steps: step, seconds: secondsSoFar(), firstStepMs });
  if (rows.length >= recipe.epochs) return end();

  if (from !== undefined) model.writeWeights(from.weights);
  const training = model.training({
    batch: recipe.batch, execution, optimizer: recipe.optimizer, labelSmoothing: recipe.labelSmoothing,
    clipNorm: recipe.clipNorm, dropPath: recipe.dropPath, seed: graphSeed(seed),
  });
  let inference: Inference | undefined;
  try {
    if (from !== undefined) training.writeState({ step: from.step, slots: from.slots });
    const watch = new DivergenceWatch(dataset.classes.length);
    for (let epoch = rows.length + 1; epoch <= recipe.epochs; epoch++) {
      const epochStart = now();
      const sums = { loss: 0, correct: 0, norm: 0, steps: 0 };
      let learningRate = 0;
      for (const { pixels, labels } of trainingBatches(dataset, { batch: recipe.batch, seed, epoch, flip: recipe.flip, crop: recipe.crop })) {
        learningRate = learningRateAt(step, steps, recipe);
        const result = await training.step(pixels, labels, { learningRate });
        step++;
        if (firstStepMs === 0) firstStepMs = now() - begin;
        const problem = watch.problem(step, result);
        if (problem !== undefined) return end(problem);
        sums.loss += result.loss; sums.correct += result.correct; sums.norm += result.gradientNorm; sums.steps++;
        const imagesPerSecond = sums.steps * recipe.batch / (now() - epochStart) * 1000;
        options.onStep?.({ epoch, epochs: recipe.epochs, step, steps, loss: result.loss, imagesPerSecond, secondsLeft: secondsLeft(step, steps, recipe, dataset, imagesPerSecond, rows) });
        await options.pause();
      }
      const trainMs = now() - epochStart;
      inference ??= model.inference({ batch: recipe.batch, execution });
      const score = await scoreOn(inference, dataset, recipe.batch, options.pause);
      const row: EpochRow = {
        epoch, trainLoss: sums.loss / sums.steps, trainTop1: sums.correct / (sums.steps * recipe.batch),
        validationLoss: score.loss, validationTop1: score.top1, learningRate, gradientNorm: sums.norm / sums.steps,
        imagesPerSecond: sums.steps * recipe.batch / trainMs * 1000, seconds: (now() - epochStart) / 1000,
      };
      rows.push(row);
      if (options.onEpoch !== undefined) {
        const [weights, state] = [await model.readWeights(), await training.readState()];
        options.onEpoch(row, { step, weights, slots: state.slots, epochs: [...rows], seconds: secondsSoFar(), firstStepMs });
      }
    }
    return end();
  } finally {
    inference?.dispose();
    training.dispose();
  }
}

/**
 * Mean cross-entropy and top-1 over the validation split. The graph has one batch size, so the last, partial batch is padded;
 * what the padding says is not counted.
 */
export async function scoreOn(inference: Inference, dataset: Pick<Dataset, 'validation' | 'mean' | 'std' | 'classes'>, batch: number, pause: () => Promise<void>): Promise<{ loss: number; top1: number; count: number }> {
  const { validation } = dataset;
  const classes = dataset.classes.length;
  let [loss, correct, count] = [0, 0, 0];
  let padded: Float32Array | undefined;
  for (const scored of scoringBatches(validation, dataset, batch)) {
    let images = scored.pixels;
    if (scored.count < batch) {
      padded = new Float32Array(batch * validation.height * validation.width * validation.channels);
      padded.set(scored.pixels);
      images = padded;
    }
    const logits = await inference.logits(images);
    for (let i = 0; i < scored.count; i++) {
      const row = logits.subarray(i * classes, (i + 1) * classes);
      const label = scored.labels[i]!;
      loss += crossEntropy(row, label);
      if (argMax(row) === label) correct++;
    }
    count += scored.count;
    await pause();
  }
  return { loss: loss / count, top1: correct / count, count };
}

/** -log softmax(logits)[label], without overflow. */
export function crossEntropy(logits: Float32Array, label: number): number {
  const highest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - highest), 0);
  return Math.log(sum) + highest - logits[label]!;
}

/** Index of the first highest value. */
export function argMax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

function secondsLeft(step: number, steps: number, recipe: Recipe, dataset: Dataset, imagesPerSecond: number, rows: readonly EpochRow[]): number {
  const training = (steps - step) * recipe.batch / imagesPerSecond;
  // A scoring pass costs what the last one took; before the first, about a third of a training pass per image.
  const last = rows.at(-1);
  const epochImages = stepsPerEpoch(dataset.train.count, recipe.batch) * recipe.batch;
  const scoring = last === undefined ? dataset.validation.count / imagesPerSecond / 3 : Math.max(0, last.seconds - epochImages / last.imagesPerSecond);
  return training + scoring * (recipe.epochs - rows.length);
}
