/**
 * The training step as one tfjs function: forward in training mode, label-smoothed cross-entropy, gradients, clipping by the
 * global norm, optimizer. Executed eagerly or traced into a graph; both see the same ops.
 */
import type { Architecture } from '../../architecture/architecture.js';
import { forwardNetwork } from '../../network/forward.js';
import type { OptimizerSpec, TrainingOptions } from '../contract.js';
import type { Tensor } from './native-engine.js';
import { runPass } from './pass.js';
import { slotNames, type Platform, type StepScalars } from './platform.js';
import type { StateStore, StateVariable } from './state.js';
import { seededRandom } from '../../util/random.js';

/** Order of the step's inputs after images and labels. */
export const scalarNames = ['step', 'learningRate', 'decay', 'beta1Power', 'beta2Power', 'epsilon'] as const satisfies readonly (keyof StepScalars)[];

/** Values of the scalars for the step after `step` steps. */
export function scalarValues(optimizer: OptimizerSpec, step: number, learningRate: number): Record<(typeof scalarNames)[number], number> {
  const t = step + 1;
  const [beta1Power, beta2Power, epsilon] = optimizer.kind === 'adamw'
    ? [optimizer.beta1 ** t, optimizer.beta2 ** t, optimizer.epsilon * Math.sqrt(1 - optimizer.beta2 ** t)]
    : [0, 0, 0];
  return { step, learningRate, decay: learningRate * optimizer.weightDecay, beta1Power, beta2Power, epsilon };
}

/** Vectors (norms, biases) and position tables are not decayed. */
export const isDecayed = (path: string, shape: readonly number[]): boolean => shape.length > 1 && !/position|bias-table|relative/.test(path);

/** Slots of every trainable weight, zero where they are new; paths `weight-path/slot-name`. */
export function declareSlots(weights: StateStore, slots: StateStore, optimizer: OptimizerSpec): void {
  for (const { path, shape } of weights.trainable()) {
    for (const name of slotNames[optimizer.kind]) slots.declare(`${path}/${name}`, shape, false, () => new Float32Array(shape.reduce((product, dim) => product * dim, 1)));
  }
}

/** images `[b,h,w,c]`, labels int32 `[b]` → loss, correct, gradient norm as one tensor `[3]`. Moves weights, slots and statistics. */
export function trainStep(platform: Platform, architecture: Architecture, weights: StateStore, slots: StateStore, options: TrainingOptions, images: Tensor, labels: Tensor, scalars: StepScalars): Tensor {
  const { tf } = platform;
  const { optimizer, labelSmoothing, clipNorm } = options;
  const trainable = weights.trainable();
  const values = trainable.map((variable) => variable.read());
  const reads = new Map(trainable.map(({ path }, index) => [path, values[index]!]));
  let correct: Tensor | undefined;

  const { value: loss, grads } = tf.engine().gradients(() => {
    const logits = runPass(platform, weights, { training: true, initial: seededRandom(0), weights: reads, chance: { seed: options.seed, step: scalars.step } },
      (ops) => forwardNetwork(ops, architecture, images, { dropPath: options.dropPath }));
    const off = labelSmoothing / architecture.classes;
    return platform.inFloat32(() => {
      correct = tf.keep(tf.sum(tf.cast(tf.equal(tf.cast(tf.argMax(logits, -1), 'int32'), labels), 'float32')));
      const oneHot = tf.cast(tf.oneHot(labels as never, architecture.classes), 'float32'); // wasm knows no other values than 0 and 1
      return platform.crossEntropy(logits, labelSmoothing === 0 ? oneHot : tf.add(tf.mul(oneHot, 1 - labelSmoothing), off));
    }) as never;
  }, values, undefined, true);

  const result = platform.inFloat32(() => {
    const gradients = grads.map((gradient, index) => (gradient as Tensor | null) ?? tf.zerosLike(values[index]!));
    const norm = tf.sqrt(platform.squaredNorm(gradients));
    const factor = clipNorm > 0 ? tf.minimum(1, tf.div(clipNorm, tf.add(norm, 1e-6))) : undefined;
    trainable.forEach((variable, index) => {
      const gradient = factor ? tf.mul(gradients[index]!, factor) : gradients[index]!;
      const own = slotNames[optimizer.kind].map((name) => slots.get(`${variable.path}/${name}`) as StateVariable);
      platform.update(optimizer, variable, values[index]!, own, gradient, scalars, isDecayed(variable.path, variable.shape));
    });
    return tf.stack([loss, correct!, norm] as Tensor[]);
  });
  correct!.dispose();
  return result;
}
