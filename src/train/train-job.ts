/** The job that trains one candidate: its messages. */
import type { SplitRecord } from '../data/dataset.js';
import { childJob } from '../runtime/child/job.js';
import type { StepProgress } from './loop/loop-options.js';
import type { TrainRequest } from './train-request.js';
import type { EpochRow, TrainResult } from './train-result.js';

/** Messages of the child: `opened`, `loaded`, then `step`s and `epoch`s, and `end`. */
export type TrainMessage =
  | { readonly type: 'opened'; readonly deviceKey: TrainResult['deviceKey'] }
  /** `rows`: of the resumed checkpoint; `note`: why an existing checkpoint is not resumed, else empty. */
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
