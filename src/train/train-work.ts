/** What a training child does with its request, given the way to open a runtime: loads data, resumes or starts, trains, says so. */
import { failureOfError, type Failure } from '../runtime/child/messages.js';
import type { Say } from '../runtime/child/serve.js';
import type { Runtime, RuntimeId } from '../runtime/contract.js';
import { readCheckpoint, requestHash, writeCheckpoint } from './checkpoint.js';
import type { EpochRow, TrainRequest, TrainResult } from './contract.js';
import { loadDataset } from './data/table.js';
import { trainLoop, weightSeed, type StepProgress } from './loop.js';

export type OpenRuntime = (options: { runtime: RuntimeId; threads: number }) => Promise<Runtime>;

/** What the child says: `opened`, `loaded`, then `step`s and `epoch`s, and one of `end` and `failed`. */
export type TrainMessage =
  | { readonly type: 'opened'; readonly deviceKey: TrainResult['deviceKey'] }
  /** `rows`: those of the checkpoint that is resumed; `note`: why a checkpoint that was there is not. */
  | { readonly type: 'loaded'; readonly datasetHash: string; readonly rows: readonly EpochRow[]; readonly note: string }
  | { readonly type: 'step'; readonly progress: StepProgress }
  | { readonly type: 'epoch'; readonly row: EpochRow }
  | { readonly type: 'end'; readonly diverged: string | undefined; readonly steps: number; readonly seconds: number; readonly firstStepMs: number; readonly validationCount: number }
  | { readonly type: 'failed'; readonly failure: Failure };

const progressEveryMs = 200;

export function trainWork(open: OpenRuntime): (request: TrainRequest, say: Say) => Promise<void> {
  return async (request, say) => {
    const tell = (message: TrainMessage): void => say(message);
    try {
      await train(open, request, tell);
    } catch (error) {
      tell({ type: 'failed', failure: failureOfError(error) });
    }
  };
}

async function train(open: OpenRuntime, request: TrainRequest, tell: (message: TrainMessage) => void): Promise<void> {
  const dataset = await loadDataset(request.dataset);
  const { input, classes } = request.architecture;
  const { height, width, channels } = dataset.train;
  if (height !== input.height || width !== input.width || channels !== input.channels) {
    throw new Error(`train: images must be ${input.height}x${input.width}x${input.channels} as the architecture's input, got ${height}x${width}x${channels} in ${dataset.name}`);
  }
  if (dataset.classes.length !== classes) throw new Error(`train: data must have the architecture's ${classes} classes, got ${dataset.classes.length} in ${dataset.name}`);
  const runtime = await open({ runtime: request.runtime, threads: request.threads });
  const deviceKey = runtime.deviceKey(request.execution);
  tell({ type: 'opened', deviceKey });

  const hash = requestHash(request, dataset.hash, deviceKey.runtimeVersion);
  const found = readCheckpoint(request.checkpointFile, hash);
  const note = found.kind === 'damaged' ? found.reason : found.kind === 'foreign' ? `${request.checkpointFile}: belongs to another request, not resumed` : '';
  const from = found.kind === 'fits' ? found.checkpoint : undefined;
  tell({ type: 'loaded', datasetHash: dataset.hash, rows: from?.epochs ?? [], note });

  const model = runtime.instantiate(request.architecture, { seed: weightSeed(request.seed) });
  let lastToldMs = -Infinity;
  const end = await trainLoop({
    model, dataset, recipe: request.recipe, execution: request.execution, seed: request.seed,
    ...(from === undefined ? {} : { from }),
    now: () => performance.now(),
    pause: () => new Promise((resolve) => { setImmediate(resolve); }),
    onStep: (progress) => {
      if (performance.now() - lastToldMs < progressEveryMs) return;
      lastToldMs = performance.now();
      tell({ type: 'step', progress });
    },
    onEpoch: (row, state) => {
      writeCheckpoint(request.checkpointFile, { request: hash, ...state }); // first durable, then said
      tell({ type: 'epoch', row });
    },
  });
  model.dispose();
  tell({ type: 'end', diverged: end.diverged, steps: end.steps, seconds: end.seconds, firstStepMs: end.firstStepMs, validationCount: dataset.validation.count });
}
