/**
 * Trains one candidate in a child process. Divergence, a crash, exhausted memory or a hang is a result with
 * its reason; the checkpoint of the last finished epoch stays, and the same request goes on from it.
 */

import type { SplitRecord } from '../data/dataset.js';
import { noResult } from '../runtime/child/failure.js';
import { type JobOptions, runJob } from '../runtime/child/job.js';
import { unopenedKey } from '../runtime/child/unopened-key.js';
import type { DeviceKey } from '../runtime/runtime.js';
import { reviveRow } from './loop/checkpoint.js';
import type { StepProgress } from './loop/train-loop.js';
import type { TrainRequest } from './train-request.js';
import type { EpochRow, TrainResult } from './train-result.js';
import { type TrainMessage, trainJob } from './train-work.js';

export interface TrainHooks extends JobOptions {
  onProgress?(progress: StepProgress): void;
  onEpoch?(row: EpochRow): void;
  /**
   * Asked when a checkpoint is resumed and after each epoch but the last: whether the training ends here, its
   * checkpoint kept.
   */
  stop?(rows: readonly EpochRow[]): boolean;
  /** Things worth a line that end nothing: a checkpoint that was not resumed, and why. */
  onNote?(note: string): void;
  /** The key of the result when the child dies before it sent its own. */
  readonly expectedKey?: DeviceKey;
}

/** @throws InterruptedError when `signal` aborts; the checkpoint of the last epoch is whole */
export async function trainInChild(request: TrainRequest, hooks: TrainHooks = {}): Promise<TrainResult> {
  const start = performance.now();
  const epochs: EpochRow[] = [];
  let [deviceKey, datasetHash, resumedFromEpoch, steps]: [DeviceKey | undefined, string, number, number] = [
    undefined,
    '',
    0,
    0,
  ];
  let end: Extract<TrainMessage, { type: 'end' }> | undefined;
  let splits: readonly SplitRecord[] | undefined;
  const stopping = new AbortController();
  let stopped = false;
  const askToStop = (): void => {
    if (stopped || epochs.length === 0 || epochs.length >= request.recipe.epochs || !hooks.stop?.(epochs))
      return;
    stopped = true;
    stopping.abort();
  };
  const failure = await runJob(
    trainJob,
    request,
    {
      opened: (message) => {
        deviceKey = message.deviceKey;
      },
      loaded: (message) => {
        datasetHash = message.datasetHash;
        splits = message.splits;
        epochs.push(...message.rows.map(reviveRow));
        resumedFromEpoch = message.rows.length;
        if (message.note !== '') hooks.onNote?.(message.note);
        askToStop();
      },
      step: ({ progress }) => {
        steps = progress.step;
        hooks.onProgress?.(progress);
      },
      epoch: (message) => {
        const row = reviveRow(message.row);
        epochs.push(row);
        hooks.onEpoch?.(row);
        askToStop();
      },
      end: (message) => {
        end = message;
      },
    },
    {
      ...hooks,
      signal: hooks.signal ? AbortSignal.any([hooks.signal, stopping.signal]) : stopping.signal,
    },
  ).catch((error: unknown) => {
    if (!stopped || hooks.signal?.aborted) throw error;
    return 'stopped' as const;
  });
  const last = epochs.at(-1);
  const common = {
    deviceKey: deviceKey ?? hooks.expectedKey ?? unopenedKey(request),
    datasetHash,
    epochs,
    resumedFromEpoch,
    ...(last === undefined
      ? {}
      : {
          validationLoss: last.validationLoss,
          ...(Number.isNaN(last.validationTop1) ? {} : { validationTop1: last.validationTop1 }),
        }),
    ...(splits && { splits }),
  };
  if (end !== undefined) {
    const { validationTop5, validationMiou, classReport, weights, samplesFile } = end;
    return {
      ...common,
      ...(validationTop5 === undefined ? {} : { validationTop5 }),
      ...(validationMiou === undefined ? {} : { validationMiou }),
      ...(classReport && { classReport }),
      ...(weights && { weights }),
      ...(samplesFile === undefined ? {} : { samplesFile }),
      status: end.diverged === undefined ? 'ok' : 'diverged',
      reason: end.diverged ?? '',
      steps: end.steps,
      seconds: end.seconds,
      firstStepMs: end.firstStepMs,
      validationCount: end.validationCount,
    };
  }
  if (failure === 'stopped')
    return {
      ...common,
      status: 'stopped',
      reason: '',
      steps,
      seconds: epochs.reduce((sum, row) => sum + row.seconds, 0),
      firstStepMs: 0,
    };
  return {
    ...common,
    ...(failure ?? noResult),
    steps,
    seconds: (performance.now() - start) / 1000,
    firstStepMs: 0,
  };
}
