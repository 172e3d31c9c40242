/** Running sums of one training epoch, from which the epoch's row is computed. */
import type { Batch } from '../../data/batches/batch-maker.js';
import { type Dataset, unlabelled } from '../../data/dataset.js';
import type { StepResult } from '../../runtime/runtime.js';

export interface EpochSums {
  readonly steps: number;
  readonly loss: number;
  readonly correct: number;
  /** Images, or labelled pixels. */
  readonly units: number;
  /** Sum of gradient norms. */
  readonly norm: number;
  /** Milliseconds so far, and the part of them spent waiting for batches. */
  readonly ms: number;
  readonly waitMs: number;
  /** Steps that loss scaling skipped, included in `steps` and in no other sum; absent: none. */
  readonly skipped?: number;
}

export const noSums: EpochSums = { steps: 0, loss: 0, correct: 0, units: 0, norm: 0, ms: 0, waitMs: 0 };

/** The sums with one more step. @param ms, waitMs totals of the epoch, not of the step */
export function addStep(
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

/** Images of a batch; of a segmentation set, its labelled pixels. */
export function labelledUnits({ count, labels }: Batch, { train }: Pick<Dataset, 'train'>): number {
  if (!train.masks) return count;
  let units = 0;
  for (const label of labels) if (label !== unlabelled) units++;
  return units;
}

export const throughput = ({ steps, ms }: EpochSums, batch: number): number => ((steps * batch) / ms) * 1000;
