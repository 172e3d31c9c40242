/**
 * The work of a training child: loads the data, resumes or starts the training, runs its stages and reports
 * messages.
 */

import { workerSource } from '../data/batches/batch-source.js';
import { rewindWeights, type SparsityMasks } from '../network/sparsity-masks.js';
import { conditionClasses, taskOf } from '../network/task.js';
import type { JobWork, Send } from '../runtime/child/serve.js';
import { computeOf } from '../runtime/compute.js';
import type { OpenRuntime } from '../runtime/open-runtime.js';
import type { Model, Runtime, WeightSet } from '../runtime/runtime.js';
import { UserError } from '../util/errors.js';
import { guideModel, nextTurn, prunedMasks, startSeed } from './earlier-training.js';
import { drawSampleGrid } from './evaluate/sample-grid.js';
import {
  type Checkpoint,
  type CheckpointLookup,
  readCheckpoint,
  requestHash,
  writeCheckpoint,
} from './loop/checkpoint.js';
import type { LoopResult, LoopState, PreviousStages } from './loop/loop-options.js';
import { trainLoop } from './loop/train-loop.js';
import { batchOptions } from './loop/training-options.js';
import { openSupernet } from './supernet/open-supernet.js';
import { writeSupernetFile } from './supernet/supernet-file.js';
import type { TrainMessage } from './train-job.js';
import type { TrainRequest } from './train-request.js';
import type { TrainResult } from './train-result.js';
import { loadStages, type TrainingStage } from './training-stage.js';
import { carryWeights } from './weights/carry-weights.js';
import { writeInitialWeights } from './weights/inherit/initial-weights.js';
import { replaceFile } from './weights/replace-file.js';
import { writeWeightsFile } from './weights/weights-file.js';

const progressEveryMs = 200;
/** Default interval between states within an epoch: the training time that a kill may lose. */
const keepStateEveryMs = 60_000;

export const trainWork =
  (open: OpenRuntime): JobWork<TrainRequest, TrainMessage> =>
  (request, send) =>
    train(open, request, send);

/** What all stages of one training share. */
interface Run {
  readonly request: TrainRequest;
  readonly runtime: Runtime;
  readonly stages: readonly TrainingStage[];
  /** Hash that the checkpoints carry. */
  readonly hash: string;
  readonly send: Send<TrainMessage>;
}

async function train(open: OpenRuntime, request: TrainRequest, send: Send<TrainMessage>): Promise<void> {
  const stages = await loadStages(request);
  const runtime = await open({ runtime: request.runtime, threads: request.threads, ...computeOf(request) });
  const deviceKey = runtime.deviceKey(request.execution);
  send({ type: 'opened', deviceKey });
  const hash = requestHash(
    request,
    stages.map((stage) => stage.dataset.hash).join(),
    deviceKey.runtimeVersion,
  );
  const found = readCheckpoint(request.checkpointFile, hash);
  const resumed = found.kind === 'fits' ? found.checkpoint : undefined;
  const { dataset, splits } = stages.at(-1)!;
  send({
    type: 'loaded',
    datasetHash: dataset.hash,
    splits,
    rows: resumed?.epochs ?? [],
    note: lookupNote(found, request.checkpointFile),
  });
  await runStages({ request, runtime, stages, hash, send }, resumed);
}

function lookupNote(found: CheckpointLookup, file: string): string {
  switch (found.kind) {
    case 'damaged':
      return found.reason;
    case 'foreign':
      return `${file}: belongs to another request, not resumed`;
    case 'none':
    case 'fits':
      return '';
    default:
      return found satisfies never;
  }
}

const epochsOf = (stages: readonly TrainingStage[]): number =>
  stages.reduce((sum, { recipe }) => sum + recipe.epochs, 0);

/** Runs the stages from the first, or from that of the checkpoint, and sends `end`. */
async function runStages(run: Run, resumed: Checkpoint | undefined): Promise<void> {
  const { request, runtime, stages, send } = run;
  const first = resumed?.stage ?? 0;
  let previousStages: PreviousStages = {
    stage: first,
    epochs: resumed?.epochs.slice(0, epochsOf(stages.slice(0, first))) ?? [],
    steps: resumed?.stepsBefore ?? 0,
    seconds: 0,
    firstStepMs: 0,
  };
  let result: LoopResult | undefined;
  let samplesFile: string | undefined;
  for (let index = first; index < stages.length; index++) {
    const stage = stages[index]!;
    const masks = stage.recipe.ticket && (await prunedMasks(runtime, request, stage));
    const model = await modelOf(run, stage, masks);
    const resumeFrom = index === first ? resumed : undefined;
    if (request.initial && index === 0 && !resumeFrom)
      await writeInitialWeights(
        request.initial,
        model,
        runtime,
        request.recipe.fixedSeeds?.weights ?? request.seed,
      );
    if (result?.weights) model.writeWeights(carryWeights(result.weights, await model.readWeights()).weights);
    const guide = stage.recipe.guidance && (await guideModel(runtime, request, stage));
    result = await runStage(run, index, model, previousStages, resumeFrom, guide);
    model.dispose();
    guide?.dispose();
    if (masks && result.weights) result = { ...result, weights: rewindWeights(result.weights, masks) };
    if (result.diverged !== undefined) break;
    if (index === stages.length - 1) samplesFile = await writeSamples(run, stage, result.weights!);
    const { epochs, steps, seconds, firstStepMs } = result;
    previousStages = { stage: index + 1, epochs: [...epochs], steps, seconds, firstStepMs };
  }
  send(endMessage(run, result!, samplesFile));
}

/** A fresh network, or the fresh shared weights of a supernet. */
async function modelOf(
  { request, runtime, stages }: Run,
  stage: TrainingStage,
  masks: SparsityMasks | undefined,
): Promise<Model> {
  const seed = request.recipe.fixedSeeds?.weights ?? request.seed;
  if (!request.supernet)
    return runtime.instantiate(stage.architecture, {
      seed: startSeed(request, stage.recipe),
      ...(masks && { masks }),
    });
  const other = (['guidance', 'ticket'] as const).find((name) => stage.recipe[name] !== undefined);
  if (other !== undefined) throw new UserError(`supernet: its recipe must be without ${other}, got it`);
  if (stages.length > 1) throw new UserError(`supernet: a recipe must have one stage, got ${stages.length}`);
  if (taskOf(stage.architecture) === 'denoising')
    throw new UserError('supernet: the task must be classification or segmentation, got denoising');
  return openSupernet(runtime, request.supernet, stage.dataset, seed);
}

async function runStage(
  { request, runtime, stages, hash, send }: Run,
  index: number,
  model: Model,
  previousStages: PreviousStages,
  resumeFrom: LoopState | undefined,
  guide: Model | undefined,
): Promise<LoopResult> {
  const { recipe, architecture, dataset } = stages[index]!;
  const loaders = request.loaders ?? 1;
  const source = loaders > 0 ? workerSource(dataset, batchOptions(recipe, request.seed), loaders) : undefined;
  const keep = (state: LoopState): void =>
    writeCheckpoint(request.checkpointFile, { request: hash, ...state });
  let lastSentMs = -Infinity;
  return trainLoop({
    model,
    dataset,
    recipe,
    execution: request.execution,
    seed: request.seed,
    previousStages,
    laterEpochs: epochsOf(stages.slice(index + 1)),
    task: taskOf(architecture),
    conditionClasses: conditionClasses(architecture),
    ...(resumeFrom && { resumeFrom }),
    ...(source && { source }),
    ...(guide && { guide }),
    peakBytes: () => peakBytes(runtime),
    now: () => performance.now(),
    pause: nextTurn,
    onStep: (progress) => {
      if (performance.now() - lastSentMs < progressEveryMs) return;
      lastSentMs = performance.now();
      send({ type: 'step', progress });
    },
    onEpoch: (row, state) => {
      keep(state); // durable before it is reported
      send({ type: 'epoch', row });
    },
    onState: { everyMs: request.checkpointEveryMs ?? keepStateEveryMs, keep },
  }).finally(() => source?.close());
}

/** Peak memory of the device where it can be read, else of the process that computes. */
const peakBytes = (runtime: Runtime): number =>
  runtime.peakDeviceBytes() ?? runtime.worker?.usage().peakBytes ?? process.resourceUsage().maxRSS * 1024;

/** Of denoising: samples of the final network, as a PNG beside the weights. @returns its file */
async function writeSamples(
  { request, runtime }: Run,
  { architecture, dataset }: TrainingStage,
  weights: WeightSet,
): Promise<string | undefined> {
  if (taskOf(architecture) !== 'denoising' || request.weightsFile === undefined) return undefined;
  const file = request.weightsFile.replace(/(\.safetensors)?$/, '.png');
  const { execution, seed } = request;
  replaceFile(file, await drawSampleGrid(runtime, { architecture, dataset, weights, execution, seed }));
  return file;
}

/** Writes the final weights where the request asks for them. @returns the file and its hash */
function writeWeights({ request, stages }: Run, { weights, diverged }: LoopResult): TrainResult['weights'] {
  if (!weights || request.weightsFile === undefined || diverged !== undefined) return undefined;
  const { architecture, dataset } = stages.at(-1)!;
  const { mean, std, classes, hash: datasetHash } = dataset;
  if (request.supernet)
    return {
      file: request.weightsFile,
      sha256: writeSupernetFile(request.weightsFile, { ...request.supernet, weights, datasetHash }),
    };
  return {
    file: request.weightsFile,
    sha256: writeWeightsFile(request.weightsFile, { weights, architecture, mean, std, classes, datasetHash }),
  };
}

function endMessage(run: Run, result: LoopResult, samplesFile: string | undefined): TrainMessage {
  const { diverged, steps, seconds, firstStepMs, score } = result;
  const { dataset } = run.stages.at(-1)!;
  const weights = writeWeights(run, result);
  return {
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
    ...(weights && { weights }),
    ...(samplesFile === undefined ? {} : { samplesFile }),
  };
}
