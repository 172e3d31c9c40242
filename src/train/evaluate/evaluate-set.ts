/**
 * Scoring passes: loss, top-1, top-5, who was taken for whom; of segmentation the same by pixel, and mean
 * IoU.
 */

import { scoringBatches } from '../../data/batches/batch-maker.js';
import { type Dataset, type ImageSet, unlabelled } from '../../data/dataset.js';
import type { Inference } from '../../runtime/runtime.js';
import type { ClassReport } from '../train-result.js';

export interface Evaluation {
  /**
   * Mean cross-entropy; fractions; `top5` where there are more than five classes, `miou` where there are
   * masks.
   */
  readonly loss: number;
  readonly top1: number;
  readonly top5?: number;
  readonly miou?: number;
  /** Images scored. */
  readonly count: number;
  /** `[classes][classes]`, true class by predicted class. */
  readonly confusion: readonly (readonly number[])[];
}

/**
 * The graph has one batch size, so the last, partial batch is padded; what the padding says is not counted.
 * @param inference its logits are `[batch, classes]`, or `[batch, height, width, classes]` where the set has
 * masks
 */
export async function evaluateSet(
  inference: Inference,
  set: ImageSet,
  dataset: Pick<Dataset, 'mean' | 'std' | 'classes'>,
  batch: number,
  pause: () => Promise<void>,
): Promise<Evaluation> {
  const classes = dataset.classes.length;
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  let [loss, inTop5, count, units] = [0, 0, 0, 0];
  let padded: Float32Array | undefined;
  for await (const scored of scoringBatches(set, dataset, batch)) {
    let images = scored.pixels;
    if (scored.count < batch) {
      padded = new Float32Array(batch * set.height * set.width * set.channels);
      padded.set(scored.pixels);
      images = padded;
    }
    const logits = await inference.logits(images);
    for (let i = 0; i < scored.labels.length; i++) {
      const label = scored.labels[i]!;
      if (set.masks && label === unlabelled) continue;
      const row = logits.subarray(i * classes, (i + 1) * classes);
      loss += crossEntropy(row, label);
      confusion[label]![argMax(row)]!++;
      if (rankOf(row, label) < 5) inTop5++;
      units++;
    }
    count += scored.count;
    await pause();
  }
  const correct = confusion.reduce((sum, row, label) => sum + row[label]!, 0);
  return {
    loss: loss / units,
    top1: correct / units,
    count,
    confusion,
    ...(classes > 5 && !set.masks && { top5: inTop5 / units }),
    ...(set.masks && { miou: meanIou(confusion) }),
  };
}

/** -log softmax(logits)[label], without overflow. */
export function crossEntropy(logits: Float32Array, label: number): number {
  let highest = -Infinity;
  for (let i = 0; i < logits.length; i++) highest = Math.max(highest, logits[i]!);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i]! - highest);
  return Math.log(sum) + highest - logits[label]!;
}

/** Index of the first highest value. */
export function argMax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/**
 * How many values stand before `at` when sorted from the highest, ties in order of index: 0 is the arg-max.
 */
export function rankOf(values: Float32Array, at: number): number {
  const own = values[at]!;
  let before = 0;
  for (let i = 0; i < values.length; i++) if (values[i]! > own || (values[i] === own && i < at)) before++;
  return before;
}

/** Mean over the classes that occur, in truth or prediction, of intersection over union. */
export function meanIou(confusion: readonly (readonly number[])[]): number {
  const ious = confusion.flatMap((row, label) => {
    const hit = row[label]!;
    const union =
      row.reduce((a, b) => a + b, 0) + confusion.reduce((sum, other) => sum + other[label]!, 0) - hit;
    return union > 0 ? [hit / union] : [];
  });
  return ious.length > 0 ? ious.reduce((a, b) => a + b, 0) / ious.length : Number.NaN;
}

/** Share of each class that was told right; NaN for a class without images. */
export const perClassAccuracy = ({ confusion }: ClassReport): number[] =>
  confusion.map((row, label) => row[label]! / row.reduce((a, b) => a + b, 0));
