/**
 * What a training child does with its request, given the way to open a runtime: loads data, resumes or
 * starts, trains, says so.
 */

import type { Architecture } from '../architecture/architecture.js';
import { workerSource } from '../data/batches/batch-source.js';
import type { Dataset, SplitRecord } from '../data/dataset.js';
import { loadDataset } from '../data/dataset-table.js';
import { splitRecord } from '../data/images/image-set.js';
import { balancedSubset } from '../data/images/limit-splits.js';
import { resizeSet } from '../data/images/resize-set.js';
import { conditionClasses, taskOf } from '../network/task.js';
import { childJob } from '../runtime/child/job.js';
import type { JobWork, Send } from '../runtime/child/serve.js';
import { computeOf } from '../runtime/compute.js';
import type { OpenRuntime } from '../runtime/open.js';
import type { Model, Runtime, WeightSet } from '../runtime/runtime.js';
import { seededRandom } from '../util/random.js';
import { drawSamples } from './evaluate/denoising-error.js';
import { gridPng } from './evaluate/sample-grid.js';
import { readCheckpoint, replaceFile, requestHash, writeCheckpoint } from './loop/checkpoint.js';
import {
  batchOptions,
  type LoopResult,
  type LoopState,
  type StepProgress,
  trainLoop,
  weightSeed,
} from './loop/train-loop.js';
import type { Recipe } from './recipe/recipe.js';
import { atResolution, carryWeights, stageRecipes } from './recipe/recipe-stages.js';
import { taskProblem } from './recipe/task-problem.js';
import type { TrainRequest } from './train-request.js';
import type { EpochRow, TrainResult } from './train-result.js';
import { assertSameFunction } from './weights/inherit/check-function.js';
import { inheritWeights } from './weights/inherit/inherit.js';
import { readWeightsFile, weightsHash, writeWeightsFile } from './weights/weights-file.js';

/** The child's messages: `opened`, `loaded`, then `step`s and `epoch`s, and `end`. */
export type TrainMessage =
  | { readonly type: 'opened'; readonly deviceKey: TrainResult['deviceKey'] }
  /** `rows`: those of the checkpoint that is resumed; `note`: why a checkpoint that was there is not. */
  | {
      readonly type: 'loaded';
      readonly datasetHash: string;
      readonly splits: readonly SplitRecord[];
      readonly rows: readonly EpochRow[];
      readonly note: string;
    }
  | { readonly type: 'step'; readonly progress: StepProgress }
  | { readonly type: 'epoch'; readonly row: EpochRow }
  | ({
      readonly type: 'end';
      readonly diverged: string | undefined;
      readonly steps: number;
      readonly seconds: number;
      readonly firstStepMs: number;
      readonly validationCount: number;
    } & Pick<TrainResult, 'validationTop5' | 'validationMiou' | 'classReport' | 'weights' | 'samplesFile'>);

export const trainJob = childJob<TrainRequest, TrainMessage>({
  name: 'train',
  entry: 'train/train-child.js',
  silenceLimitMs: 600_000, // covers loading data and a slow compilation
});

const progressEveryMs = 200;

export const trainWork =
  (open: OpenRuntime): JobWork<TrainRequest, TrainMessage> =>
  (request, send) =>
    train(open, request, send);

/** Milliseconds between states within an epoch: what a kill may cost. */
const keepStateEveryMs = 60_000;

interface Stage {
  readonly recipe: Recipe;
  readonly architecture: Architecture;
  readonly dataset: Dataset;
  readonly splits: readonly SplitRecord[];
}

/** The same images for every network and seed. */
const fractionOf = ({ train, classes }: Dataset, fraction: number): Dataset['train'] =>
  balancedSubset(
    train,
    classes.length,
    Math.max(1, Math.round(fraction * train.count)),
    seededRandom('fraction'),
  );

/** Data of a stage, at its size, and the network that takes it. @throws Error where they do not fit */
async function loadStage(
  request: TrainRequest,
  { resolution, dataset: other, ...recipe }: ReturnType<typeof stageRecipes>[number],
  isLast: boolean,
): Promise<Stage> {
  const whole = await loadDataset(
    other ? { ...other, baseFolder: request.dataset.baseFolder } : request.dataset,
  );
  const loaded =
    recipe.fraction === undefined ? whole : { ...whole, train: fractionOf(whole, recipe.fraction) };
  const dataset =
    resolution === undefined
      ? loaded
      : {
          ...loaded,
          train: resizeSet(loaded.train, resolution, resolution),
          validation: resizeSet(loaded.validation, resolution, resolution),
        };
  const splits = isLast
    ? [splitRecord('train', whole.train), splitRecord('validation', whole.validation)]
    : [];
  if (isLast && request.expectedHash !== undefined && loaded.hash !== request.expectedHash) {
    throw new Error(
      `data: ${loaded.name} must stay as it was when the run began (hash ${request.expectedHash.slice(0, 12)}), got ${loaded.hash.slice(0, 12)}`,
    );
  }
  const architecture = atResolution(request.architecture, resolution);
  const { input, classes } = architecture;
  const { height, width, channels } = dataset.train;
  if (height !== input.height || width !== input.width || channels !== input.channels) {
    throw new Error(
      `train: images must be ${input.height}x${input.width}x${input.channels} as the architecture's input, got ${height}x${width}x${channels} in ${dataset.name}`,
    );
  }
  const problem = taskProblem(architecture, dataset, recipe);
  if (problem !== undefined) throw new Error(`train: ${problem}`);
  if (dataset.classes.length === classes) return { recipe, architecture, dataset, splits };
  if (isLast)
    throw new Error(
      `train: data must have the architecture's ${classes} classes, got ${dataset.classes.length} in ${dataset.name}`,
    );
  return { recipe, dataset, splits, architecture: { ...architecture, classes: dataset.classes.length } }; // a stage of pre-training on other classes
}

/**
 * @throws UserError where the network cannot be had from the file's in this mode, Error where the file
 * changed meanwhile
 */
async function startFrom(
  { file, sha256, mode }: NonNullable<TrainRequest['initial']>,
  model: Model,
  runtime: Runtime,
  request: TrainRequest,
): Promise<void> {
  if (weightsHash(file) !== sha256) throw new Error(`${file}: the weights changed since the run began`);
  const parent = readWeightsFile(file);
  model.writeWeights(
    inheritWeights(parent, model.architecture, await model.readWeights(), {
      mode,
      seed: request.recipe.fixedSeeds?.weights ?? request.seed,
    }).weights,
  );
  if (mode !== 'grow') return;
  const before = runtime.instantiate(parent.architecture, { seed: 0 });
  before.writeWeights(parent.weights);
  await assertSameFunction(before, model, 'eager').finally(() => before.dispose());
}

async function train(open: OpenRuntime, request: TrainRequest, send: Send<TrainMessage>): Promise<void> {
  const recipes = stageRecipes(request.recipe);
  const stages: Stage[] = [];
  for (const [index, recipe] of recipes.entries())
    stages.push(await loadStage(request, recipe, index === recipes.length - 1));
  const { dataset, splits } = stages.at(-1)!;
  const runtime = await open({ runtime: request.runtime, threads: request.threads, ...computeOf(request) });
  const deviceKey = runtime.deviceKey(request.execution);
  send({ type: 'opened', deviceKey });

  const hash = requestHash(
    request,
    stages.map((stage) => stage.dataset.hash).join(),
    deviceKey.runtimeVersion,
  );
  const found = readCheckpoint(request.checkpointFile, hash);
  const note =
    found.kind === 'damaged'
      ? found.reason
      : found.kind === 'foreign'
        ? `${request.checkpointFile}: belongs to another request, not resumed`
        : '';
  let from = found.kind === 'fits' ? found.checkpoint : undefined;
  send({
    type: 'loaded',
    datasetHash: dataset.hash,
    splits,
    rows: from?.epochs ?? [],
    note,
  });

  const peakBytes = (): number => runtime.peakDeviceBytes() ?? process.resourceUsage().maxRSS * 1024;
  const epochsOf = (list: readonly Stage[]): number =>
    list.reduce((sum, { recipe }) => sum + recipe.epochs, 0);
  const first = from?.stage ?? 0;
  let before = {
    stage: first,
    epochs: from?.epochs.slice(0, epochsOf(stages.slice(0, first))) ?? [],
    steps: from?.stepsBefore ?? 0,
    seconds: 0,
    firstStepMs: 0,
  };
  let carried: WeightSet | undefined;
  let lastToldMs = -Infinity;
  let end: LoopResult | undefined;
  let samplesFile: string | undefined;
  for (const [index, stage] of stages.entries()) {
    if (index < first) continue;
    const model = runtime.instantiate(stage.architecture, {
      seed: weightSeed(request.recipe.fixedSeeds?.weights ?? request.seed),
    });
    if (request.initial && index === 0 && !from) await startFrom(request.initial, model, runtime, request);
    if (carried) model.writeWeights(carryWeights(carried, await model.readWeights()).weights);
    const loaders = request.loaders ?? 1;
    const source =
      loaders > 0
        ? workerSource(stage.dataset, batchOptions(stage.recipe, request.seed), loaders)
        : undefined;
    const keep = (state: LoopState): void =>
      writeCheckpoint(request.checkpointFile, { request: hash, ...state });
    end = await trainLoop({
      model,
      dataset: stage.dataset,
      recipe: stage.recipe,
      execution: request.execution,
      seed: request.seed,
      previousStages: before,
      laterEpochs: epochsOf(stages.slice(index + 1)),
      task: taskOf(stage.architecture),
      conditionClasses: conditionClasses(stage.architecture),
      ...(from === undefined ? {} : { resumeFrom: from }),
      ...(source && { source }),
      peakBytes,
      now: () => performance.now(),
      pause: () =>
        new Promise((resolve) => {
          setImmediate(resolve);
        }),
      onStep: (progress) => {
        if (performance.now() - lastToldMs < progressEveryMs) return;
        lastToldMs = performance.now();
        send({ type: 'step', progress });
      },
      onEpoch: (row, state) => {
        keep(state); // first durable, then said
        send({ type: 'epoch', row });
      },
      onState: { everyMs: request.checkpointEveryMs ?? keepStateEveryMs, keep },
    }).finally(() => source?.close());
    model.dispose();
    carried = end.weights;
    if (
      index === stages.length - 1 &&
      end.diverged === undefined &&
      taskOf(stage.architecture) === 'denoising' &&
      request.weightsFile !== undefined
    ) {
      samplesFile = request.weightsFile.replace(/(\.safetensors)?$/, '.png');
      replaceFile(samplesFile, await sampleGrid(runtime, request, stage, end.weights!));
    }
    from = undefined;
    before = {
      stage: index + 1,
      epochs: [...end.epochs],
      steps: end.steps,
      seconds: end.seconds,
      firstStepMs: end.firstStepMs,
    };
    if (end.diverged !== undefined) break;
  }
  const { diverged, steps, seconds, firstStepMs, score, weights } = end!;
  const written =
    weights && request.weightsFile !== undefined && diverged === undefined
      ? {
          file: request.weightsFile,
          sha256: writeWeightsFile(request.weightsFile, {
            weights,
            architecture: stages.at(-1)!.architecture,
            mean: dataset.mean,
            std: dataset.std,
            classes: dataset.classes,
            datasetHash: dataset.hash,
          }),
        }
      : undefined;
  send({
    type: 'end',
    diverged,
    steps,
    seconds,
    firstStepMs,
    validationCount: dataset.validation.count,
    ...(score?.top5 === undefined ? {} : { validationTop5: score.top5 }),
    ...(score?.miou === undefined ? {} : { validationMiou: score.miou }),
    ...(score &&
      score.confusion.length > 0 && {
        classReport: { classes: dataset.classes, confusion: score.confusion },
      }),
    ...(written && { weights: written }),
    ...(samplesFile === undefined ? {} : { samplesFile }),
  });
}

/**
 * Samples of each class (of up to ten, eight each; of an unconditional network two rows), drawn with the
 * final weights.
 */
async function sampleGrid(
  runtime: Runtime,
  request: TrainRequest,
  { architecture, dataset }: Stage,
  weights: WeightSet,
): Promise<Buffer> {
  const classes = conditionClasses(architecture);
  const [rows, columns] = [classes > 0 ? Math.min(10, classes) : 2, 8];
  const model = runtime.instantiate(architecture, { seed: 0 });
  try {
    model.writeWeights(weights);
    const { height, width, channels } = architecture.input;
    const images = await drawSamples(
      model.inference({ batch: rows * columns, execution: request.execution }),
      {
        batch: rows * columns,
        labels: Array.from({ length: rows * columns }, (_, image) => Math.floor(image / columns)),
        classes,
        seed: request.seed,
        imageSize: height * width * channels,
      },
    );
    return await gridPng(images, architecture.input, columns, dataset);
  } finally {
    model.dispose();
  }
}
