/**
 * tfjs on native TensorFlow: resource variables, TensorFlow's own loss and optimizer kernels; eager or
 * compiled.
 */
import type { OptimizerSpec } from '../runtime.js';
import { updateLamb } from './model/lamb.js';
import { type NativeVariable, nativeVariables, type StateVariable } from './model/state-store.js';
import { attr, DT, type NativeEngine, type Tensor } from './native-engine.js';
import { differentiable, floatType } from './ops/differentiable.js';
import { nativeOps } from './ops/native/native-ops.js';
import { statelessUniform } from './ops/native/native-pointwise.js';
import type { Platform, StepScalars, WeightUpdate } from './platform.js';

const updateAttrs = [attr.type('T', DT.float), attr.bool('use_locking', false)];

export function nativePlatform(engine: NativeEngine): Platform {
  const { tf } = engine;
  return {
    id: 'tensorflow',
    tf,
    native: engine,
    createVariable: nativeVariables(engine),
    ops: (context) => nativeOps(engine, context),
    uniform: (shape, key, step) => statelessUniform(engine, shape, key, step),
    crossEntropy: (logits, targets) => crossEntropy(engine, logits, targets),
    inFloat32: (body) => engine.inFloat32(body),
    ...(engine.kernels.has('adamw') && {
      updateTogether: (optimizer, updates, scalars, clipNorm) =>
        optimizer.kind === 'adamw' ? adamwTogether(engine, optimizer, updates, scalars, clipNorm) : undefined,
    }),
    squaredNorm: (gradients) =>
      tf.mul(tf.addN(gradients.map((gradient) => engine.op('L2Loss', [floatType], [gradient]))), 2),
    update: (optimizer, update, scalars) => updateWeight(engine, optimizer, update, scalars),
  };
}

function crossEntropy(engine: NativeEngine, logits: Tensor, targets: Tensor): Tensor {
  const { tf } = engine;
  const batch = logits.shape[0]!;
  return differentiable(
    engine,
    [logits],
    (save) => {
      const [losses, gradient] = engine.run(
        'SoftmaxCrossEntropyWithLogits',
        [floatType],
        [logits, targets],
        2,
      );
      save([gradient!]);
      return tf.mean(losses!);
    },
    (dy, [gradient]) => [tf.mul(gradient!, tf.div(dy, batch))],
  );
}

const resourceOf = (variable: StateVariable | undefined): NativeVariable['resource'] =>
  (variable as NativeVariable).resource;

/** TensorFlow's optimizer ops on one weight. AdamW's decay comes first; SGD's is part of the gradient. */
function updateWeight(
  engine: NativeEngine,
  optimizer: OptimizerSpec,
  update: WeightUpdate,
  scalars: StepScalars,
): void {
  const { tf } = engine;
  if (optimizer.kind === 'lamb') {
    updateLamb(tf, optimizer, update, scalars);
    return;
  }
  const { value, slots, gradient } = update;
  const variable = resourceOf(update.weight);
  const decays = update.decays && optimizer.weightDecay > 0;
  if (optimizer.kind === 'sgd') {
    const total = decays ? tf.add(gradient, tf.mul(value, optimizer.weightDecay)) : gradient;
    engine.updateVariables(
      'ResourceApplyMomentum',
      [...updateAttrs, attr.bool('use_nesterov', optimizer.nesterov)],
      [variable, resourceOf(slots[0])],
      [scalars.learningRate, total, tf.scalar(optimizer.momentum)],
    );
    return;
  }
  if (decays)
    engine.updateVariables('ResourceApplyGradientDescent', updateAttrs, [variable], [scalars.decay, value]);
  engine.updateVariables(
    'ResourceApplyAdam',
    [...updateAttrs, attr.bool('use_nesterov', false)],
    [variable, resourceOf(slots[0]), resourceOf(slots[1])],
    [
      scalars.beta1Power,
      scalars.beta2Power,
      scalars.learningRate,
      tf.scalar(optimizer.beta1),
      tf.scalar(optimizer.beta2),
      scalars.epsilon,
      gradient,
    ],
  );
}

/** AdamW on all weights by the engine's own kernel: one pass over each, clipping and decay included. */
function adamwTogether(
  engine: NativeEngine,
  optimizer: OptimizerSpec & { readonly kind: 'adamw' },
  updates: readonly WeightUpdate[],
  scalars: StepScalars,
  clipNorm: number,
): Tensor {
  const gradients = updates.map(({ gradient }) => gradient);
  const count = attr.int('N', updates.length);
  const squared = engine.op('StagecraftSquaredNorm', [count], gradients);
  const moments = [0, 1].map((slot) => updates.map(({ slots }) => slots[slot]!.read()));
  const moved = engine.run(
    'StagecraftAdamW',
    [
      count,
      attr.float('beta1', optimizer.beta1),
      attr.float('beta2', optimizer.beta2),
      attr.float('clip', clipNorm),
      attr.int(
        'decays',
        updates.map(({ decays }) => (decays && optimizer.weightDecay > 0 ? 1 : 0)),
      ),
    ],
    [
      squared,
      scalars.learningRate,
      scalars.decay,
      scalars.beta1Power,
      scalars.beta2Power,
      scalars.epsilon,
      ...updates.map(({ value }) => value),
      ...moments[0]!,
      ...moments[1]!,
      ...gradients,
    ],
    3 * updates.length,
  );
  updates.forEach(({ weight, slots }, index) =>
    [weight, slots[0]!, slots[1]!].forEach((variable, part) =>
      variable.assign(moved[part * updates.length + index]!),
    ),
  );
  return engine.tf.sqrt(squared);
}
