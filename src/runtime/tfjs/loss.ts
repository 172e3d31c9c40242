/** The loss of a batch and how many of its labels the arg-max told. */
import type { Architecture } from '../../architecture/architecture.js';
import type { TrainingOptions } from '../contract.js';
import type { Tensor } from './native-engine.js';
import type { Platform } from './platform.js';

export interface Labels {
  /** int32 `[batch]`. */
  readonly labels: Tensor;
  /** Second labels and the share of the first, of mixed batches. */
  readonly others?: Tensor | undefined;
  readonly share?: Tensor | undefined;
}

/** Mean label-smoothed cross-entropy of logits `[b,classes]`; `correct` counts the (first) labels. */
export function classificationLoss(platform: Platform, { classes }: Pick<Architecture, 'classes'>, { labelSmoothing }: Pick<TrainingOptions, 'labelSmoothing'>, logits: Tensor, { labels, others, share }: Labels): { readonly loss: Tensor; readonly correct: Tensor } {
  const { tf } = platform;
  const correct = tf.sum(tf.cast(tf.equal(tf.cast(tf.argMax(logits, -1), 'int32'), labels), 'float32'));
  const oneHot = (of: Tensor): Tensor => tf.cast(tf.oneHot(of as never, classes), 'float32'); // wasm knows no other values than 0 and 1
  const hard = others === undefined || share === undefined ? oneHot(labels) : tf.add(tf.mul(oneHot(labels), share), tf.mul(oneHot(others), tf.sub(1, share)));
  const targets = labelSmoothing === 0 ? hard : tf.add(tf.mul(hard, 1 - labelSmoothing), labelSmoothing / classes);
  return { loss: platform.crossEntropy(logits, targets), correct };
}
