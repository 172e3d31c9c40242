/**
 * LAMB (https://arxiv.org/abs/1904.00962), the optimizer of FasterViT (https://arxiv.org/abs/2306.06189):
 * Adam's direction plus decay, scaled for each weight to its own norm. Weights without decay (norms, biases)
 * move by the plain direction.
 */
import type { OptimizerSpec } from '../../runtime.js';
import type { Tensor, Tf } from '../native-engine.js';
import type { StepScalars, WeightUpdate } from '../platform.js';

export function updateLamb(
  tf: Tf,
  optimizer: OptimizerSpec & { readonly kind: 'lamb' },
  { weight, value, slots, gradient, decays }: WeightUpdate,
  scalars: StepScalars,
): void {
  const { beta1, beta2, epsilon, weightDecay } = optimizer;
  const [first, second] = slots;
  const m = tf.add(tf.mul(first!.read(), beta1), tf.mul(gradient, 1 - beta1));
  const v = tf.add(tf.mul(second!.read(), beta2), tf.mul(tf.square(gradient), 1 - beta2));
  first!.assign(m);
  second!.assign(v);
  const unbiased = (moment: Tensor, power: Tensor): Tensor => tf.div(moment, tf.sub(1, power));
  const direction = tf.div(
    unbiased(m, scalars.beta1Power),
    tf.add(tf.sqrt(unbiased(v, scalars.beta2Power)), epsilon),
  );
  if (!decays) {
    weight.assign(tf.sub(value, tf.mul(direction, scalars.learningRate)));
    return;
  }
  const update = tf.add(direction, tf.mul(value, weightDecay));
  const norm = (of: Tensor): Tensor => tf.sqrt(tf.sum(tf.square(of)));
  const [own, wanted] = [norm(value), norm(update)];
  const both = tf.logicalAnd(tf.greater(own, 0), tf.greater(wanted, 0));
  const trust = tf.where(both, tf.div(own, tf.maximum(wanted, 1e-30)), tf.onesLike(own));
  weight.assign(tf.sub(value, tf.mul(update, tf.mul(trust, scalars.learningRate))));
}
