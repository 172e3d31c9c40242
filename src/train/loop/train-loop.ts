/**
 * The training loop over an instantiated network: epochs of shuffled, augmented batches, a scoring pass after
 * each, a state to keep after each and now and then between. Everything random comes from forks of seeds by
 * name, and a batch depends on its seeds, epoch and number alone, so a training resumed at any step goes on
 * exactly as if it had not stopped.
 */

import { type Batch, type BatchOptions, stepsPerEpoch } from '../../data/batches/batch-maker.js';
import { type BatchSource, localSource } from '../../data/batches/batch-source.js';
import { type Dataset, unlabelled } from '../../data/dataset.js';
import type { Task } from '../../network/task.js';
import type {
  Execution,
  Inference,
  Model,
  StepResult,
  StepSettings,
  Training,
  WeightSet,
} from '../../runtime/runtime.js';
import { seededRandom } from '../../util/random.js';
import { denoisingError } from '../evaluate/denoising-error.js';
import { type Evaluation, evaluateSet } from '../evaluate/evaluate-set.js';
import type { Recipe } from '../recipe/recipe.js';
import type { EpochRow } from '../train-result.js';
import type { Checkpoint, EpochSums } from './checkpoint.js';
import { DivergenceMonitor } from './divergence-monitor.js';
import { averageDecayAt, gradientNoiseAt, learningRateAt } from './learning-rate.js';

export type LoopState = Omit<Checkpoint, 'request'>;

export interface LoopOptions {
  readonly model: Model;
  readonly dataset: Dataset;
  /** Of one stage. */
  readonly recipe: Recipe;
  readonly execution: Execution;
  /** By default classification. */
  readonly task?: Task;
  /** Classes that a denoising network is told; 0: none. */
  readonly conditionClasses?: number;
  readonly seed: number;
  /** Where to go on; absent: from the start. */
  readonly resumeFrom?: LoopState;
  /** What earlier stages left; absent: this is the first. */
  readonly previousStages?: {
    readonly stage: number;
    readonly epochs: readonly EpochRow[];
    readonly steps: number;
    readonly seconds: number;
    readonly firstStepMs: number;
  };
  /** Epochs of the stages to come. */
  readonly laterEpochs?: number;
  /** Where batches come from; absent: this thread makes them. Closed by its maker. */
  readonly source?: BatchSource;
  /** Milliseconds, monotonic. */
  now(): number;
  /** Lets other events of the process run; called after every step. */
  pause(): Promise<void>;
  /** Highest memory so far, bytes. */
  peakBytes?(): number;
  onStep?(progress: StepProgress): void;
  /** Called after each epoch, before the next begins; what it throws ends the training. */
  onEpoch?(row: EpochRow, state: LoopState): void;
  /** Called within epochs, when this many milliseconds have passed since the last state. */
  onState?: { readonly everyMs: number; keep(state: LoopState): void };
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

export interface LoopResult {
  /** Why the training ended early; undefined when it went to its end. */
  readonly diverged: string | undefined;
  readonly epochs: readonly EpochRow[];
  /** Of all stages so far. */
  readonly steps: number;
  readonly seconds: number;
  /** From the start of building the step to the end of its first run. */
  readonly firstStepMs: number;
  /** The last scoring pass of this run of the loop. */
  readonly score?: Evaluation;
  /** What was scored last: the averages where the recipe keeps them. */
  readonly weights?: WeightSet;
}

/** Seeds of the streams that the engine draws from; data order and augmentation fork in `data/batches`. */
export const weightSeed = (seed: number): number => seededRandom(seed).fork('weights').integer(0x7fffffff);
export const graphSeed = (seed: number): number => seededRandom(seed).fork('in-graph').integer(0x7fffffff);

/** What a source of this recipe's batches must know. */
export const batchOptions = (recipe: Recipe, seed: number): BatchOptions => {
  const { batch, flip, crop, resizedCrop, randaugment, jitter, erase, mixup, cutmix, fixedSeeds } = recipe;
  return {
    batch,
    flip,
    crop,
    seed,
    ...definedOnly({
      resizedCrop,
      randaugment,
      jitter,
      erase,
      mixup,
      cutmix,
      orderSeed: fixedSeeds?.order,
      augmentationSeed: fixedSeeds?.augmentation,
    }),
  };
};

/** The graph's batch: what is computed at once. */
export const microBatch = ({ batch, accumulate = 1 }: Recipe): number => batch / accumulate;

export async function trainLoop(options: LoopOptions): Promise<LoopResult> {
  const { model, dataset, recipe, execution, seed, resumeFrom: from, previousStages: before, now } = options;
  const begin = now();
  const perEpoch = stepsPerEpoch(dataset.train.count, recipe.batch);
  const steps = recipe.epochs * perEpoch; // of this stage
  const earlier = before ?? { stage: 0, epochs: [], steps: 0, seconds: 0, firstStepMs: 0 };
  const rows = [...(from?.epochs ?? earlier.epochs)];
  const lastEpoch = earlier.epochs.length + recipe.epochs;
  let step = from?.step ?? 0;
  let firstStepMs = from?.firstStepMs ?? earlier.firstStepMs;
  let firstHere = true;
  const secondsSoFar = (): number => (from?.seconds ?? earlier.seconds) + (now() - begin) / 1000;
  let score: Evaluation | undefined;
  const end = (diverged?: string, weights?: WeightSet): LoopResult => ({
    diverged,
    epochs: rows,
    steps: earlier.steps + step,
    seconds: secondsSoFar(),
    firstStepMs,
    ...(score && { score }),
    ...(weights && { weights }),
  });

  if (from !== undefined) model.writeWeights(from.weights);
  const training = model.training(trainingOptions(recipe, execution, seed));
  const source = options.source ?? localSource(dataset, batchOptions(recipe, seed));
  const watch = new DivergenceMonitor(dataset.classes.length, from?.watch);
  let inference: Inference | undefined;
  const scored = (): Promise<Evaluation> =>
    withAverages(model, training, recipe, () => {
      inference ??= model.inference({ batch: microBatch(recipe), execution });
      return scoreFor(options, inference);
    });
  const state = async (within?: EpochSums): Promise<LoopState> => {
    const [weights, { slots }] = [await model.readWeights(), await training.readState()];
    return {
      stage: earlier.stage,
      stepsBefore: earlier.steps,
      step,
      weights,
      slots,
      epochs: [...rows],
      seconds: secondsSoFar(),
      firstStepMs,
      watch: watch.state,
      ...(within && { within }),
    };
  };
  try {
    if (from !== undefined) training.writeState({ step: from.step, slots: from.slots });
    let sums: EpochSums = from?.within ?? noSums;
    let keptAt = now();
    for (let epoch = rows.length + 1; epoch <= lastEpoch; epoch++, sums = noSums) {
      const epochStart = now() - sums.ms;
      let waitMs = sums.waitMs;
      const batches = source.batches(epoch, sums.steps);
      for (;;) {
        const asked = now();
        const next = await batches.next();
        waitMs += now() - asked;
        if (next.done) break;
        const result = await runStep(training, next.value, recipe, settingsAt(step, steps, recipe));
        step++;
        if (firstHere) {
          if (firstStepMs === 0) firstStepMs = now() - begin;
          firstHere = false;
        }
        const problem = watch.problem(earlier.steps + step, result);
        if (problem !== undefined) return end(problem);
        sums = addStep(sums, result, unitsOf(next.value, dataset), now() - epochStart, waitMs);
        const imagesPerSecond = ((sums.steps * recipe.batch) / sums.ms) * 1000;
        const after = (options.laterEpochs ?? 0) * perEpoch;
        options.onStep?.({
          epoch,
          epochs: lastEpoch + (options.laterEpochs ?? 0),
          step: earlier.steps + step,
          steps: earlier.steps + steps + after,
          loss: result.loss,
          imagesPerSecond,
          secondsLeft: secondsLeft(
            steps + after - step,
            recipe,
            dataset,
            imagesPerSecond,
            rows,
            lastEpoch + (options.laterEpochs ?? 0),
          ),
        });
        await options.pause();
        if (options.onState && sums.steps < perEpoch && now() - keptAt >= options.onState.everyMs) {
          options.onState.keep(await state(sums));
          keptAt = now();
        }
      }
      score = await scored();
      const taken = sums.steps - (sums.skipped ?? 0);
      const row: EpochRow = {
        epoch,
        trainLoss: sums.loss / taken,
        trainTop1: options.task === 'denoising' ? Number.NaN : sums.correct / sums.units,
        validationLoss: score.loss,
        validationTop1: score.top1,
        learningRate: settingsAt(step - 1, steps, recipe).learningRate,
        gradientNorm: sums.norm / taken,
        imagesPerSecond: ((sums.steps * recipe.batch) / sums.ms) * 1000,
        seconds: (now() - epochStart) / 1000,
        dataShare: sums.waitMs / sums.ms,
        ...definedOnly({
          validationTop5: score.top5,
          validationMiou: score.miou,
          peakBytes: options.peakBytes?.(),
          skippedSteps: sums.skipped,
        }),
      };
      rows.push(row);
      if (options.onEpoch !== undefined) options.onEpoch(row, await state());
      keptAt = now();
      if (!Number.isFinite(score.loss))
        return end(`step ${earlier.steps + step}: validation loss must be finite, got ${score.loss}`);
    }
    score ??= await scored(); // a training that was resumed after its last epoch
    return end(undefined, await withAverages(model, training, recipe, () => model.readWeights()));
  } finally {
    inference?.dispose();
    training.dispose();
  }
}

/** The validation split, by the task's measure; of denoising the loss alone. */
async function scoreFor(
  { dataset, recipe, task, conditionClasses = 0, pause }: LoopOptions,
  inference: Inference,
): Promise<Evaluation> {
  const batch = microBatch(recipe);
  if (task !== 'denoising') return evaluateSet(inference, dataset.validation, dataset, batch, pause);
  return {
    ...(await denoisingError(inference, dataset.validation, dataset, batch, conditionClasses, pause)),
    top1: Number.NaN,
    confusion: [],
  };
}

const noSums: EpochSums = { steps: 0, loss: 0, correct: 0, units: 0, norm: 0, ms: 0, waitMs: 0 };

function addStep(
  sums: EpochSums,
  { loss, correct, gradientNorm, skipped }: StepResult,
  units: number,
  ms: number,
  waitMs: number,
): EpochSums {
  const next = { ...sums, steps: sums.steps + 1, ms, waitMs };
  if (skipped) return { ...next, skipped: (sums.skipped ?? 0) + 1 };
  return {
    ...next,
    loss: sums.loss + loss,
    correct: sums.correct + correct,
    units: sums.units + units,
    norm: sums.norm + gradientNorm,
  };
}

/** Images of a batch, or its labelled pixels where each is told apart. */
function unitsOf({ count, labels }: Batch, { train }: Dataset): number {
  if (!train.masks) return count;
  let units = 0;
  for (const label of labels) if (label !== unlabelled) units++;
  return units;
}

function trainingOptions(
  recipe: Recipe,
  execution: Execution,
  seed: number,
): Parameters<Model['training']>[0] {
  const {
    optimizer,
    labelSmoothing,
    clipNorm,
    dropPath,
    decay,
    accumulate,
    dropPathSchedule,
    gradientNoise,
    ema,
    mixup,
    cutmix,
    fixedSeeds,
  } = recipe;
  return {
    batch: microBatch(recipe),
    execution,
    optimizer,
    labelSmoothing,
    clipNorm,
    dropPath,
    seed: graphSeed(fixedSeeds?.weights ?? seed),
    ...definedOnly({ decay, accumulate }),
    ...(dropPathSchedule && { scheduledDropPath: true }),
    ...(gradientNoise && { noisyGradients: true }),
    ...(ema && { averages: true }),
    ...((mixup || cutmix) && { mixesLabels: true }),
  };
}

/** What is fed to the step after `step` of `steps`. */
function settingsAt(step: number, steps: number, recipe: Recipe): StepSettings {
  return {
    learningRate: learningRateAt(step, steps, recipe),
    ...(recipe.dropPathSchedule && { dropPathShare: step / steps }),
    ...(recipe.gradientNoise && { gradientNoise: gradientNoiseAt(step, recipe.gradientNoise) }),
    ...(recipe.ema && { averageDecay: averageDecayAt(step, recipe.ema) }),
  };
}

/** One step of the optimizer on a whole batch, in micro-batches where the recipe accumulates. */
async function runStep(
  training: Training,
  { pixels, labels, mixed, count }: Batch,
  recipe: Recipe,
  settings: StepSettings,
): Promise<StepResult> {
  const parts = recipe.accumulate ?? 1;
  const part = <V extends Float32Array | Int32Array>(values: V, index: number): V =>
    parts === 1
      ? values
      : (values.subarray((index * values.length) / parts, ((index + 1) * values.length) / parts) as V);
  let [loss, correct] = [0, 0];
  for (let index = 0; ; index++) {
    const given: StepSettings = {
      ...settings,
      ...(mixed && { mixed: { labels: part(mixed.labels, index), share: mixed.share } }),
    };
    const last = index === parts - 1;
    if (count % parts !== 0)
      throw new Error(`trainLoop: a batch must fall into ${parts} equal parts, got ${count} images`);
    const result = last
      ? await training.step(part(pixels, index), part(labels, index), given)
      : await training.accumulate!(part(pixels, index), part(labels, index), given);
    loss += result.loss / parts;
    correct += result.correct;
    // what is not finite ends a training, but for a scaled loss, whose step is skipped whole
    if (last || (!Number.isFinite(result.loss) && result.lossScale === undefined))
      return { ...result, loss, correct };
  }
}

/**
 * Runs `body` with the weights' averages in the model where the recipe keeps them; afterwards the training
 * goes on as it was.
 */
async function withAverages<R>(
  model: Model,
  training: Training,
  recipe: Recipe,
  body: () => Promise<R>,
): Promise<R> {
  if (!recipe.ema) return body();
  const [own, { slots }] = [await model.readWeights(), await training.readState()];
  model.writeWeights(
    new Map(
      [...own].map(([path, weight]) => [path, { ...weight, values: slots.get(`${path}/average`)!.values }]),
    ),
  );
  try {
    return await body();
  } finally {
    model.writeWeights(own);
  }
}

function secondsLeft(
  steps: number,
  recipe: Recipe,
  dataset: Dataset,
  imagesPerSecond: number,
  rows: readonly EpochRow[],
  epochs: number,
): number {
  const training = (steps * recipe.batch) / imagesPerSecond;
  // A scoring pass costs what the last one took; before the first, about a third of a training pass per
  // image.
  const last = rows.at(-1);
  const epochImages = stepsPerEpoch(dataset.train.count, recipe.batch) * recipe.batch;
  const scoring =
    last === undefined
      ? dataset.validation.count / imagesPerSecond / 3
      : Math.max(0, last.seconds - epochImages / last.imagesPerSecond);
  return training + scoring * (epochs - rows.length);
}

/** The object without its undefined entries. */
function definedOnly<V extends object>(values: V): { [K in keyof V]?: Exclude<V[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof V]?: Exclude<V[K], undefined>;
  };
}
