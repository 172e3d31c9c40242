/**
 * The training loop over an instantiated network: epochs of shuffled, augmented batches, each followed by an
 * evaluation on the validation split. Every random stream is forked by name from a seed, and a batch depends
 * only on its seeds, epoch and index. A training that is resumed at any step therefore repeats exactly.
 */

import { stepsPerEpoch } from '../../data/batches/batch-maker.js';
import { type BatchSource, localSource } from '../../data/batches/batch-source.js';
import type { Dataset } from '../../data/dataset.js';
import type { Inference, StepResult, Training, WeightSet } from '../../runtime/runtime.js';
import { denoisingError } from '../evaluate/denoising-error.js';
import { type Evaluation, evaluateSet } from '../evaluate/evaluate-set.js';
import type { Recipe } from '../recipe/recipe.js';
import type { EpochRow } from '../train-result.js';
import { DivergenceMonitor } from './divergence-monitor.js';
import { addStep, type EpochSums, labelledUnits, noSums, throughput } from './epoch-sums.js';
import type { LoopOptions, LoopResult, LoopState, PreviousStages } from './loop-options.js';
import { runStep, withAverages } from './optimizer-step.js';
import { batchOptions, definedOnly, microBatch, stepSettings, trainingOptions } from './training-options.js';

/**
 * Trains one stage, from its start or from `options.resumeFrom`.
 * @throws what `onEpoch` throws, and errors of the runtime
 */
export async function trainLoop(options: LoopOptions): Promise<LoopResult> {
  const run = new TrainingRun(options);
  try {
    return await run.train();
  } finally {
    run.dispose();
  }
}

const noPreviousStages: PreviousStages = { stage: 0, epochs: [], steps: 0, seconds: 0, firstStepMs: 0 };

/** One call of `trainLoop`: its position, its rows, and what it holds on the device. */
class TrainingRun {
  readonly #options: LoopOptions;
  readonly #previous: PreviousStages;
  readonly #startedAt: number;
  readonly #secondsBefore: number;
  readonly #stepsPerEpoch: number;
  /** Steps of this stage. */
  readonly #totalSteps: number;
  readonly #rows: EpochRow[];
  readonly #training: Training;
  readonly #source: BatchSource;
  readonly #monitor: DivergenceMonitor;
  #inference: Inference | undefined;
  #evaluation: Evaluation | undefined;
  #step: number;
  #firstStepMs: number;
  #isFirstStep = true;
  #stateKeptAt = 0;

  constructor(options: LoopOptions) {
    const {
      model,
      dataset,
      recipe,
      execution,
      seed,
      resumeFrom,
      previousStages = noPreviousStages,
    } = options;
    this.#options = options;
    this.#startedAt = options.now();
    this.#previous = previousStages;
    this.#stepsPerEpoch = stepsPerEpoch(dataset.train.count, recipe.batch);
    this.#totalSteps = recipe.epochs * this.#stepsPerEpoch;
    this.#rows = [...(resumeFrom?.epochs ?? previousStages.epochs)];
    this.#step = resumeFrom?.step ?? 0;
    this.#firstStepMs = resumeFrom?.firstStepMs ?? previousStages.firstStepMs;
    this.#secondsBefore = resumeFrom?.seconds ?? previousStages.seconds;
    if (resumeFrom !== undefined) model.writeWeights(resumeFrom.weights);
    const { guide } = options;
    if (recipe.guidance && !guide) throw new Error('trainLoop: guidance needs a guide network, got none');
    this.#training = model.training({
      ...trainingOptions(recipe, execution, seed),
      ...(recipe.guidance && { guidance: { guide: guide!, weight: recipe.guidance.weight } }),
    });
    this.#source = options.source ?? localSource(dataset, batchOptions(recipe, seed));
    this.#monitor = new DivergenceMonitor(dataset.classes.length, resumeFrom?.watch);
  }

  dispose(): void {
    this.#inference?.dispose();
    this.#training.dispose();
  }

  async train(): Promise<LoopResult> {
    const { model, recipe, resumeFrom, now } = this.#options;
    if (resumeFrom !== undefined)
      this.#training.writeState({ step: resumeFrom.step, slots: resumeFrom.slots });
    const lastEpoch = this.#previous.epochs.length + recipe.epochs;
    let sums: EpochSums = resumeFrom?.within ?? noSums;
    this.#stateKeptAt = now();
    for (let epoch = this.#rows.length + 1; epoch <= lastEpoch; epoch++, sums = noSums) {
      const problem = await this.#runEpoch(epoch, lastEpoch, sums);
      if (problem !== undefined) return this.#result(problem);
    }
    this.#evaluation ??= await this.#evaluate(); // resumed after its last epoch
    return this.#result(
      undefined,
      await withAverages(model, this.#training, recipe, () => model.readWeights()),
    );
  }

  /** Trains, evaluates and reports one epoch. @returns why the training diverged, else undefined */
  async #runEpoch(epoch: number, lastEpoch: number, resumed: EpochSums): Promise<string | undefined> {
    const { now, onEpoch } = this.#options;
    const epochStart = now() - resumed.ms;
    const { sums, problem } = await this.#trainEpoch(epoch, lastEpoch, epochStart, resumed);
    if (problem !== undefined) return problem;
    this.#evaluation = await this.#evaluate();
    const row = this.#epochRow(epoch, epochStart, sums, this.#evaluation);
    this.#rows.push(row);
    if (onEpoch !== undefined) onEpoch(row, await this.#state());
    this.#stateKeptAt = now();
    return Number.isFinite(row.validationLoss)
      ? undefined
      : `step ${this.#previous.steps + this.#step}: ` +
          `validation loss must be finite, got ${row.validationLoss}`;
  }

  /** The steps of one epoch from where `sums` left off. */
  async #trainEpoch(
    epoch: number,
    lastEpoch: number,
    epochStart: number,
    resumed: EpochSums,
  ): Promise<{ readonly sums: EpochSums; readonly problem?: string }> {
    const { dataset, recipe, now, pause } = this.#options;
    let sums = resumed;
    let { waitMs } = sums;
    const batches = this.#source.batches(epoch, sums.steps);
    for (;;) {
      const requestedAt = now();
      const next = await batches.next();
      waitMs += now() - requestedAt;
      if (next.done) return { sums };
      const settings = stepSettings(this.#step, this.#totalSteps, recipe);
      const result = await runStep(this.#training, next.value, recipe, settings);
      this.#step++;
      if (this.#isFirstStep && this.#firstStepMs === 0) this.#firstStepMs = now() - this.#startedAt;
      this.#isFirstStep = false;
      const problem = this.#monitor.problem(this.#previous.steps + this.#step, result);
      if (problem !== undefined) return { sums, problem };
      sums = addStep(sums, result, labelledUnits(next.value, dataset), now() - epochStart, waitMs);
      this.#reportStep(epoch, lastEpoch, sums, result);
      await pause();
      await this.#keepStateWhenDue(sums);
    }
  }

  async #keepStateWhenDue(sums: EpochSums): Promise<void> {
    const { onState, now } = this.#options;
    if (!onState || sums.steps >= this.#stepsPerEpoch || now() - this.#stateKeptAt < onState.everyMs) return;
    onState.keep(await this.#state(sums));
    this.#stateKeptAt = now();
  }

  #reportStep(epoch: number, lastEpoch: number, sums: EpochSums, { loss }: StepResult): void {
    const { recipe, dataset, laterEpochs = 0 } = this.#options;
    const imagesPerSecond = throughput(sums, recipe.batch);
    const laterSteps = laterEpochs * this.#stepsPerEpoch;
    const epochs = lastEpoch + laterEpochs;
    const stepsLeft = this.#totalSteps + laterSteps - this.#step;
    this.#options.onStep?.({
      epoch,
      epochs,
      step: this.#previous.steps + this.#step,
      steps: this.#previous.steps + this.#totalSteps + laterSteps,
      loss,
      imagesPerSecond,
      secondsLeft: secondsLeft(stepsLeft, recipe, dataset, imagesPerSecond, this.#rows, epochs),
    });
  }

  #epochRow(epoch: number, epochStart: number, sums: EpochSums, score: Evaluation): EpochRow {
    const { recipe, task, now, peakBytes } = this.#options;
    const counted = sums.steps - (sums.skipped ?? 0);
    return {
      epoch,
      trainLoss: sums.loss / counted,
      validationLoss: score.loss,
      learningRate: stepSettings(this.#step - 1, this.#totalSteps, recipe).learningRate,
      gradientNorm: sums.norm / counted,
      imagesPerSecond: throughput(sums, recipe.batch),
      seconds: (now() - epochStart) / 1000,
      dataShare: sums.waitMs / sums.ms,
      ...definedOnly({
        trainTop1: task === 'denoising' || sums.units === 0 ? undefined : sums.correct / sums.units,
        validationTop1: score.top1,
        validationTop5: score.top5,
        validationMiou: score.miou,
        peakBytes: peakBytes?.(),
        skippedSteps: sums.skipped,
      }),
    };
  }

  /** Evaluates on the validation split; a denoising network by its loss alone. */
  #evaluate(): Promise<Evaluation> {
    const { model, dataset, recipe, execution, task, conditionClasses = 0, pause } = this.#options;
    const batch = microBatch(recipe);
    return withAverages(model, this.#training, recipe, () => {
      this.#inference ??= model.inference({ batch, execution });
      return task === 'denoising'
        ? denoisingError(this.#inference, dataset.validation, dataset, batch, conditionClasses, pause)
        : evaluateSet(this.#inference, dataset.validation, dataset, batch, pause);
    });
  }

  #secondsSoFar(): number {
    return this.#secondsBefore + (this.#options.now() - this.#startedAt) / 1000;
  }

  async #state(within?: EpochSums): Promise<LoopState> {
    const [weights, { slots }] = [await this.#options.model.readWeights(), await this.#training.readState()];
    return {
      stage: this.#previous.stage,
      stepsBefore: this.#previous.steps,
      step: this.#step,
      weights,
      slots,
      epochs: [...this.#rows],
      seconds: this.#secondsSoFar(),
      firstStepMs: this.#firstStepMs,
      watch: this.#monitor.state,
      ...(within && { within }),
    };
  }

  #result(diverged: string | undefined, weights?: WeightSet): LoopResult {
    return {
      diverged,
      epochs: this.#rows,
      steps: this.#previous.steps + this.#step,
      seconds: this.#secondsSoFar(),
      firstStepMs: this.#firstStepMs,
      ...(this.#evaluation && { score: this.#evaluation }),
      ...(weights && { weights }),
    };
  }
}

/** Estimated seconds of `steps` more steps and of the evaluations of the epochs to come. */
function secondsLeft(
  steps: number,
  recipe: Recipe,
  dataset: Dataset,
  imagesPerSecond: number,
  rows: readonly EpochRow[],
  epochs: number,
): number {
  const training = (steps * recipe.batch) / imagesPerSecond;
  // An evaluation is assumed to take as long as the last one; before the first, a third of the training time
  // per image.
  const last = rows.at(-1);
  const epochImages = stepsPerEpoch(dataset.train.count, recipe.batch) * recipe.batch;
  const evaluation =
    last === undefined
      ? dataset.validation.count / imagesPerSecond / 3
      : Math.max(0, last.seconds - epochImages / last.imagesPerSecond);
  return training + evaluation * (epochs - rows.length);
}
