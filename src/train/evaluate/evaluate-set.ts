/**
 * Evaluation of a network on an image set: loss, top-1, top-5 and the confusion matrix. Of segmentation the
 * same per pixel, and the mean intersection over union.
 */

import { scoringBatches } from '../../data/batches/batch-maker.js';
import { type Dataset, type ImageSet, unlabelled } from '../../data/dataset.js';
import type { Inference } from '../../runtime/runtime.js';

export interface Evaluation {
  /** Mean cross-entropy; of denoising the mean squared error of the predicted noise. */
  readonly loss: number;
  /** Fraction of images, or of labelled pixels; absent for denoising. */
  readonly top1?: number;
  /** Fraction; where there are more than five classes. */
  readonly top5?: number;
  /** Mean intersection over union; of segmentation. */
  readonly miou?: number;
  /** Images evaluated. */
  readonly count: number;
  /** `[classes][classes]`, true class by predicted class; empty for denoising. */
  readonly confusion: readonly (readonly number[])[];
}

/**
 * Evaluates a classification or segmentation network on every image of `set`. The graph has a fixed batch
 * size, so the last, partial batch is padded; predictions for the padding are not counted.
 * @param inference gives logits `[batch, classes]`, or `[batch, height, width, classes]` where the set has
 * masks
 */
export async function evaluateSet(
  inference: Pick<Inference, 'logits'>,
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
  const miou = set.masks && meanIou(confusion);
  const correct = confusion.reduce((sum, row, label) => sum + row[label]!, 0);
  return {
    loss: loss / units,
    count,
    confusion,
    ...(classes > 5 && !set.masks && { top5: inTop5 / units }),
    ...(units > 0 && { top1: correct / units }),
    ...(miou !== undefined && { miou }),
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

/** Rank of `values[at]` in descending order, ties broken by index: 0 is the arg-max. */
export function rankOf(values: Float32Array, at: number): number {
  const own = values[at]!;
  let before = 0;
  for (let i = 0; i < values.length; i++) if (values[i]! > own || (values[i] === own && i < at)) before++;
  return before;
}

/** Mean intersection over union of the classes that are labelled or predicted; undefined where none is. */
export function meanIou(confusion: readonly (readonly number[])[]): number | undefined {
  const ious = confusion.flatMap((row, label) => {
    const hit = row[label]!;
    const union =
      row.reduce((a, b) => a + b, 0) + confusion.reduce((sum, other) => sum + other[label]!, 0) - hit;
    return union > 0 ? [hit / union] : [];
  });
  return ious.length > 0 ? ious.reduce((a, b) => a + b, 0) / ious.length : undefined;
}
