/** Losses of the tasks: classification, dense prediction, denoising. */
import type { Architecture } from '../../../architecture/architecture.js';
import type { ConditionInputs } from '../../../blocks/block.js';
import { conditionClasses } from '../../../network/task.js';
import type { TensorOps } from '../../../tensor/tensor-ops.js';
import { alphaBars, diffusionSteps, unconditionalShare } from '../../diffusion.js';
import type { TrainingOptions } from '../../runtime.js';
import type { Tensor } from '../native-engine.js';
import type { Platform } from '../platform.js';
import { drawKey } from './run-pass.js';

export interface Labels {
  /** int32 `[batch]`; for dense tasks `[batch·height·width]`. */
  readonly labels: Tensor;
  /** Second labels and the share of the first, of mixed batches. */
  readonly others?: Tensor | undefined;
  readonly share?: Tensor | undefined;
}

export interface LossAndCorrect {
  readonly loss: Tensor;
  readonly correct: Tensor;
}

/**
 * 1 where the highest logit is the label's, else 0. Compared as float32, which is exact for labels below 2²⁴:
 * TensorFlow compares int32 in the host's memory, so that a GPU would wait at every step.
 */
const isClass = (tf: Platform['tf'], logits: Tensor, labels: Tensor): Tensor =>
  tf.cast(tf.equal(tf.cast(tf.argMax(logits, -1), 'float32'), tf.cast(labels, 'float32')), 'float32');

/** Mean label-smoothed cross-entropy of logits `[b,classes]`; `correct` counts the (first) labels. */
export function classificationLoss(
  platform: Platform,
  { classes }: Pick<Architecture, 'classes'>,
  { labelSmoothing }: Pick<TrainingOptions, 'labelSmoothing'>,
  logits: Tensor,
  { labels, others, share }: Labels,
): LossAndCorrect {
  const { tf } = platform;
  const correct = tf.sum(isClass(tf, logits, labels));
  // wasm supports no other values than 0 and 1
  const oneHot = (of: Tensor): Tensor => tf.cast(tf.oneHot(of as never, classes), 'float32');
  const hard =
    others === undefined || share === undefined
      ? oneHot(labels)
      : tf.add(tf.mul(oneHot(labels), share), tf.mul(oneHot(others), tf.sub(1, share)));
  const targets =
    labelSmoothing === 0 ? hard : tf.add(tf.mul(hard, 1 - labelSmoothing), labelSmoothing / classes);
  return { loss: platform.crossEntropy(logits, targets), correct };
}

/**
 * Cross-entropy of logits `[b,h,w,classes]`, mean over the pixels whose label is a class; `correct` counts
 * those. Composed of tfjs ops: TensorFlow's fused op is no faster over 8,192 pixels of 4, 21 and 150 classes
 * (0.54 against 0.42 ms, 1.66 against 1.59, 10.8 against 10.5).
 */
export function denseLoss(
  platform: Platform,
  { classes }: Pick<Architecture, 'classes'>,
  { labelSmoothing }: Pick<TrainingOptions, 'labelSmoothing'>,
  logits: Tensor,
  { labels }: Labels,
): LossAndCorrect {
  const { tf } = platform;
  const rows = tf.reshape(logits, [-1, classes]);
  const counts = tf.cast(tf.less(tf.cast(labels, 'float32'), classes), 'float32'); // [pixels]
  const correct = tf.sum(tf.mul(counts, isClass(tf, rows, labels)));
  const oneHot = tf.cast(
    tf.oneHot(tf.minimum(labels, tf.scalar(classes - 1, 'int32')) as never, classes),
    'float32',
  );
  const targets =
    labelSmoothing === 0 ? oneHot : tf.add(tf.mul(oneHot, 1 - labelSmoothing), labelSmoothing / classes);
  const losses = tf.neg(tf.sum(tf.mul(targets, tf.logSoftmax(rows)), -1));
  return { loss: tf.div(tf.sum(tf.mul(losses, counts)), tf.maximum(tf.sum(counts), 1)), correct };
}

/** Resizes the logits of pixels to the size of the image. */
export function atImageSize<T>(ops: TensorOps<T>, logits: T, { input }: Pick<Architecture, 'input'>): T {
  const [, height, width] = ops.shape(logits) as [number, number, number];
  return height === input.height && width === input.width
    ? logits
    : ops.resize(logits, input.height, input.width, 'bilinear');
}

/** Standard normal numbers by the Box-Muller transform, a function of key and step. */
export function drawNormal(platform: Platform, shape: readonly number[], key: number, step: Tensor): Tensor {
  const { tf } = platform;
  const radius = tf.sqrt(tf.mul(tf.log(tf.sub(1, platform.uniform(shape, key, step))), -2));
  return tf.mul(radius, tf.cos(tf.mul(platform.uniform(shape, key ^ 1, step), 2 * Math.PI)));
}

/** Draws denoising examples in the graph: noisy images, their times and classes (some dropped), the noise. */
export function noisyBatch(
  platform: Platform,
  architecture: Architecture,
  images: Tensor,
  { labels }: Labels,
  seed: number,
  step: Tensor,
): { readonly images: Tensor; readonly condition: ConditionInputs<Tensor>; readonly noise: Tensor } {
  const { tf } = platform;
  const batch = images.shape[0]!;
  const classes = conditionClasses(architecture);
  const times = tf.floor(tf.mul(platform.uniform([batch], drawKey(seed, 'time'), step), diffusionSteps));
  // a product with one-hot rows: tfjs's gather reads the indices, which a trace refuses
  const kept = tf.reshape(
    tf.matMul(
      tf.cast(tf.oneHot(tf.cast(times, 'int32') as never, diffusionSteps), 'float32') as never,
      tf.tensor2d(alphaBars.slice(), [diffusionSteps, 1]),
    ),
    [batch, 1, 1, 1],
  );
  const noise = drawNormal(platform, images.shape, drawKey(seed, 'noise'), step);
  const noisy = tf.add(tf.mul(images, tf.sqrt(kept)), tf.mul(noise, tf.sqrt(tf.sub(1, kept))));
  if (classes === 0) return { images: noisy, condition: { time: times }, noise };
  const keepsClass = tf.cast(
    tf.greaterEqual(platform.uniform([batch, 1], drawKey(seed, 'guidance'), step), unconditionalShare),
    'float32',
  );
  return {
    images: noisy,
    condition: {
      time: times,
      labels: tf.mul(tf.cast(tf.oneHot(labels as never, classes), 'float32'), keepsClass),
    },
    noise,
  };
}

/** Mean squared error of the predicted noise. */
export function denoisingLoss({ tf }: Platform, predicted: Tensor, noise: Tensor): LossAndCorrect {
  return { loss: tf.mean(tf.square(tf.sub(predicted, noise))), correct: tf.scalar(0) };
}
