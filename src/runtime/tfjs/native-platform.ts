/** tfjs on native TensorFlow: resource variables, TensorFlow's own loss and optimizer kernels; eager or compiled. */
import { attr, DT, type NativeEngine } from './native-engine.js';
import { updateLamb } from './lamb.js';
import { nativeOps } from './ops/native.js';
import { differentiable, floatType } from './ops/gradients.js';
import { statelessUniform } from './ops/native-pointwise.js';
import type { Platform } from './platform.js';
import { nativeVariables, type NativeVariable } from './state.js';

const updateAttrs = [attr.type('T', DT.float), attr.bool('use_locking', false)];

export function nativePlatform(engine: NativeEngine): Platform {
  const { tf } = engine;
  const resource = (variable: unknown): NativeVariable['resource'] => (variable as NativeVariable).resource;
  return {
    id: 'tensorflow', tf, native: engine,
    createVariable: nativeVariables(engine),
    ops: (context) => nativeOps(engine, context),
    uniform: (shape, key, step) => statelessUniform(engine, shape, key, step),
    crossEntropy(logits, targets) {
      const batch = logits.shape[0]!;
      return differentiable(engine, [logits], (save) => {
        const [losses, gradient] = engine.run('SoftmaxCrossEntropyWithLogits', [floatType], [logits, targets], 2);
        save([gradient!]);
        return tf.mean(losses!);
      }, (dy, [gradient]) => [tf.mul(gradient!, tf.div(dy, batch))]);
    },
    inFloat32: (body) => engine.inFloat32(body),
    squaredNorm: (gradients) => tf.mul(tf.addN(gradients.map((gradient) => engine.op('L2Loss', [floatType], [gradient]))), 2),
    update(optimizer, weight, value, slots, gradient, scalars, decays) {
      if (optimizer.kind === 'lamb') return updateLamb(tf, optimizer, weight, value, slots, gradient, scalars, decays);
      const variable = resource(weight);
      if (decays && optimizer.weightDecay > 0) engine.updateVariables('ResourceApplyGradientDescent', updateAttrs, [variable], [scalars.decay, value]);
      if (optimizer.kind === 'sgd') {
        engine.updateVariables('ResourceApplyMomentum', [...updateAttrs, attr.bool('use_nesterov', optimizer.nesterov)], [variable, resource(slots[0])],
          [scalars.learningRate, gradient, tf.scalar(optimizer.momentum)]);
        return;
      }
      engine.updateVariables('ResourceApplyAdam', [...updateAttrs, attr.bool('use_nesterov', false)], [variable, resource(slots[0]), resource(slots[1])],
        [scalars.beta1Power, scalars.beta2Power, scalars.learningRate, tf.scalar(optimizer.beta1), tf.scalar(optimizer.beta2), scalars.epsilon, gradient]);
    },
  };
}
