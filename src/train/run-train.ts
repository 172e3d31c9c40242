/**
 * Trains one candidate in a child process. Divergence, a crash, exhausted memory or a hang is a result with
 * its reason. The last checkpoint stays, and the same request resumes from it.
 */

import type { SplitRecord } from '../data/dataset.js';
import { type Failure, noResult } from '../runtime/child/failure.js';
import { type JobOptions, type MessageHandlers, runJob } from '../runtime/child/job.js';
import { unopenedKey } from '../runtime/child/unopened-key.js';
import type { DeviceKey } from '../runtime/runtime.js';
import { reviveRow } from './loop/checkpoint.js';
import type { StepProgress } from './loop/loop-options.js';
import { type TrainMessage, trainJob } from './train-job.js';
import type { TrainRequest } from './train-request.js';
import type { EpochRow, TrainResult } from './train-result.js';

export interface TrainHooks extends JobOptions {
  onProgress?(progress: StepProgress): void;
  onEpoch?(row: EpochRow): void;
  /**
   * Stopping rule, called when a checkpoint is resumed and after each epoch but the last. True ends the
   * training; its checkpoint is kept.
   */
  stop?(rows: readonly EpochRow[]): boolean;
  /** Warnings, such as why a checkpoint is not resumed. */
  onNote?(note: string): void;
  /** Device key of the result where the child dies before it reports its own. */
  readonly expectedKey?: DeviceKey;
}

/** @throws InterruptedError when `signal` aborts; the checkpoint of the last epoch is whole */
export async function trainInChild(request: TrainRequest, hooks: TrainHooks = {}): Promise<TrainResult> {
  const start = performance.now();
  const report = new TrainReport(request, hooks);
  const { signal } = report.stopping;
  const failure = await runJob(trainJob, request, report.handlers, {
    ...hooks,
    signal: hooks.signal ? AbortSignal.any([hooks.signal, signal]) : signal,
  }).catch((error: unknown) => {
    if (!signal.aborted || hooks.signal?.aborted) throw error;
    return 'stopped' as const;
  });
  if (report.end !== undefined) return report.finished(report.end);
  if (failure === 'stopped') return report.stopped();
  return report.failed(failure ?? noResult, (performance.now() - start) / 1000);
}

type EndMessage = Extract<TrainMessage, { type: 'end' }>;

/** Collects the messages of a training child into a result, and applies the stopping rule. */
class TrainReport {
  /** Aborted when the stopping rule ends the training. */
  readonly stopping = new AbortController();
  end: EndMessage | undefined;
  readonly #epochs: EpochRow[] = [];
  #deviceKey: DeviceKey | undefined;
  #datasetHash = '';
  #splits: readonly SplitRecord[] | undefined;
  #resumedFromEpoch = 0;
  #steps = 0;

  constructor(
    private readonly request: TrainRequest,
    private readonly hooks: TrainHooks,
  ) {}

  readonly handlers: MessageHandlers<TrainMessage> = {
    opened: ({ deviceKey }) => {
      this.#deviceKey = deviceKey;
    },
    loaded: ({ datasetHash, splits, rows, note }) => {
      this.#datasetHash = datasetHash;
      this.#splits = splits;
      this.#epochs.push(...rows.map(reviveRow));
      this.#resumedFromEpoch = rows.length;
      if (note !== '') this.hooks.onNote?.(note);
      this.#applyStoppingRule();
    },
    step: ({ progress }) => {
      this.#steps = progress.step;
      this.hooks.onProgress?.(progress);
    },
    epoch: (message) => {
      const row = reviveRow(message.row);
      this.#epochs.push(row);
      this.hooks.onEpoch?.(row);
      this.#applyStoppingRule();
    },
    end: (message) => {
      this.end = message;
    },
  };

  #applyStoppingRule(): void {
    const { length } = this.#epochs;
    if (this.stopping.signal.aborted || length === 0 || length >= this.request.recipe.epochs) return;
    if (this.hooks.stop?.(this.#epochs)) this.stopping.abort();
  }

  finished({ type: _, diverged, ...end }: EndMessage): TrainResult {
    return {
      ...this.#common(),
      ...end,
      status: diverged === undefined ? 'ok' : 'diverged',
      reason: diverged ?? '',
    };
  }

  stopped(): TrainResult {
    const seconds = this.#epochs.reduce((sum, row) => sum + row.seconds, 0);
    return { ...this.#common(), status: 'stopped', reason: '', steps: this.#steps, seconds, firstStepMs: 0 };
  }

  failed(failure: Failure, seconds: number): TrainResult {
    return { ...this.#common(), ...failure, steps: this.#steps, seconds, firstStepMs: 0 };
  }

  #common(): Pick<TrainResult, 'deviceKey' | 'datasetHash' | 'epochs' | 'resumedFromEpoch'> &
    Partial<TrainResult> {
    const last = this.#epochs.at(-1);
    return {
      deviceKey: this.#deviceKey ?? this.hooks.expectedKey ?? unopenedKey(this.request),
      datasetHash: this.#datasetHash,
      epochs: this.#epochs,
      resumedFromEpoch: this.#resumedFromEpoch,
      ...(last && { validationLoss: last.validationLoss }),
      ...(last?.validationTop1 !== undefined && { validationTop1: last.validationTop1 }),
      ...(this.#splits && { splits: this.#splits }),
    };
  }
}
