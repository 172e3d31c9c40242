/** tfjs on any of its backends (wasm, and cpu as the tests' reference): eager, optimizers in tfjs ops. */
import { createHash } from 'node:crypto';
import type { TensorOps } from '../../tensor/tensor-ops.js';
import type { RuntimeId } from '../runtime.js';
import { updateLamb } from './model/lamb.js';
import { tfjsVariables } from './model/state-store.js';
import type { Tensor, Tf } from './native-engine.js';
import type { OpsContext } from './ops/ops-context.js';
import { portableOps } from './ops/portable/portable-ops.js';
import type { Platform } from './platform.js';

export function portablePlatform(
  id: RuntimeId,
  tf: Tf,
  ops: (context: OpsContext) => TensorOps<Tensor> = portableOps,
): Platform {
  return {
    id,
    tf,
    ops,
    createVariable: tfjsVariables(tf),
    uniform(shape, key, step) {
      const seed = createHash('sha256')
        .update(`${key}/${(step.dataSync() as Int32Array)[0]}`)
        .digest('hex')
        .slice(0, 16);
      return tf.randomUniform([...shape], 0, 1, 'float32', seed as unknown as number);
    },
    crossEntropy: (logits, targets) =>
      tf.neg(tf.div(tf.sum(tf.mul(targets, tf.logSoftmax(logits))), logits.shape[0]!)),
    inFloat32: (body) => body(),
    squaredNorm: (gradients) => tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient)))),
    update(optimizer, update, scalars) {
      if (optimizer.kind === 'lamb') return updateLamb(tf, optimizer, update, scalars);
      const { weight, value, slots, gradient, decays } = update;
      const hasDecay = decays && optimizer.weightDecay > 0;
      if (optimizer.kind === 'sgd') {
        const [momentum] = slots;
        const total = hasDecay ? tf.add(gradient, tf.mul(value, optimizer.weightDecay)) : gradient;
        const moved = tf.add(tf.mul(momentum!.read(), optimizer.momentum), total);
        const direction = optimizer.nesterov ? tf.add(total, tf.mul(moved, optimizer.momentum)) : moved;
        momentum!.assign(moved);
        weight.assign(tf.sub(value, tf.mul(direction, scalars.learningRate)));
        return;
      }
      const decayed = hasDecay ? tf.sub(value, tf.mul(value, scalars.decay)) : value;
      const { beta1, beta2 } = optimizer;
      const [first, second] = slots;
      const m = tf.add(tf.mul(first!.read(), beta1), tf.mul(gradient, 1 - beta1));
      const v = tf.add(tf.mul(second!.read(), beta2), tf.mul(tf.square(gradient), 1 - beta2));
      const rate = tf.div(
        tf.mul(scalars.learningRate, tf.sqrt(tf.sub(1, scalars.beta2Power))),
        tf.sub(1, scalars.beta1Power),
      );
      first!.assign(m);
      second!.assign(v);
      weight.assign(tf.sub(decayed, tf.div(tf.mul(rate, m), tf.add(tf.sqrt(v), scalars.epsilon))));
    },
  };
}
