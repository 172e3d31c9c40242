/**
 * The training step as one tfjs function: forward in training mode, label-smoothed cross-entropy, gradients,
 * clipping by the global norm, optimizer. Executed eagerly or traced into a graph; both see the same ops.
 */
import type { Architecture } from '../../../architecture/architecture.js';
import { forwardNetwork } from '../../../network/forward-network.js';
import type { SparsityMasks } from '../../../network/sparsity-masks.js';
import { taskOf } from '../../../network/task.js';
import { seededRandom } from '../../../util/random.js';
import type { OptimizerSpec, StepSettings, TrainingOptions } from '../../runtime.js';
import type { Tensor } from '../native-engine.js';
import { type Platform, type StepScalars, slotNames, type WeightUpdate } from '../platform.js';
import { declareLossScale, LossScale, scalesLoss } from './loss-scale.js';
import { drawKey, runPass } from './run-pass.js';
import type { StateStore, StateVariable } from './state-store.js';
import {
  atImageSize,
  classificationLoss,
  denoisingLoss,
  denseLoss,
  type Labels,
  noisyBatch,
  normalNoise,
} from './task-loss.js';

type ScalarName = keyof StepScalars;

/** Order of the step's inputs after images and labels: the scalars that these options feed. */
export const scalarNames = (options: TrainingOptions): readonly ScalarName[] => [
  'step',
  'learningRate',
  'decay',
  'beta1Power',
  'beta2Power',
  'epsilon',
  ...((options.accumulate ?? 1) > 1 ? ['draw' as const] : []),
  ...(options.scheduledDropPath ? ['dropPathShare' as const] : []),
  ...(options.noisyGradients ? ['gradientNoise' as const] : []),
  ...(options.averages ? ['averageDecay' as const] : []),
  ...(options.mixesLabels ? ['share' as const] : []),
];

export const isWholeNumber = (name: ScalarName): boolean => name === 'step' || name === 'draw';

/**
 * Values of the scalars for the step after `step` steps.
 * @param draw micro-batches before this one
 * @param taken steps before this one that moved the weights: what the optimizer counts
 */
export function scalarValues(
  optimizer: OptimizerSpec,
  step: number,
  settings: StepSettings,
  draw = step,
  taken = step,
): Record<ScalarName, number> {
  const { learningRate, dropPathShare = 1, gradientNoise = 0, averageDecay = 0, mixed } = settings;
  const t = taken + 1;
  const [beta1Power, beta2Power, epsilon] =
    optimizer.kind === 'sgd'
      ? [0, 0, 0]
      : [optimizer.beta1 ** t, optimizer.beta2 ** t, optimizer.epsilon * Math.sqrt(1 - optimizer.beta2 ** t)];
  return {
    step,
    draw,
    learningRate,
    decay: learningRate * optimizer.weightDecay,
    beta1Power,
    beta2Power,
    epsilon,
    dropPathShare,
    gradientNoise,
    averageDecay,
    share: mixed?.share ?? 1,
  };
}

/** Vectors (norms, biases) and position tables are not decayed. */
export const isDecayed = (path: string, shape: readonly number[]): boolean =>
  shape.length > 1 && !/position|bias-table|relative/.test(path);

/**
 * Names of slots that belong to no optimizer: a weight's gradients of the micro-batches so far, and its
 * moving average.
 */
export const accumulatorName = 'gradients';
export const averageName = 'average';

/**
 * Slots of every trainable weight, zero where they are new, averages at the present value; paths
 * `weight-path/slot-name`.
 */
export function declareSlots(weights: StateStore, slots: StateStore, options: TrainingOptions): void {
  const names = [
    ...slotNames[options.optimizer.kind],
    ...((options.accumulate ?? 1) > 1 ? [accumulatorName] : []),
  ];
  for (const { path, shape } of weights.trainable()) {
    for (const name of names)
      slots.declare(
        `${path}/${name}`,
        shape,
        false,
        () => new Float32Array(shape.reduce((product, dim) => product * dim, 1)),
      );
  }
  if (scalesLoss(options)) declareLossScale(weights, slots, options);
  if (!options.averages) return;
  for (const { path, shape, values } of weights.all())
    slots.declare(`${path}/${averageName}`, shape, false, values);
}

/** A batch on the device: images `[b,h,w,c]` and what they are. */
export interface StepBatch extends Labels {
  readonly images: Tensor;
}

/**
 * One step: loss, correct, gradient norm as one tensor `[3]`, with a scaled loss `[5]`: the scale and the
 * steps taken, too. Moves weights, slots and statistics.
 * @param keep true: a micro-batch before the last, whose gradient is added to those so far, and no weight
 * moves
 */
export function trainStep(
  platform: Platform,
  architecture: Architecture,
  weights: StateStore,
  slots: StateStore,
  options: TrainingOptions & { readonly masks?: SparsityMasks | undefined },
  batch: StepBatch,
  scalars: StepScalars,
  keep = false,
): Tensor {
  const { tf } = platform;
  const { optimizer, clipNorm, accumulate = 1 } = options;
  const trainable = weights.trainable();
  const values = trainable.map((variable) => variable.read());
  const reads = new Map(trainable.map(({ path }, index) => [path, values[index]!]));
  const draw = accumulate > 1 ? scalars.draw : scalars.step;
  const moving = [
    ...weights.all(),
    ...slots
      .all()
      .filter(
        ({ path }) =>
          !path.startsWith('loss-scale/') && !path.endsWith(`/${accumulatorName}`) && !path.endsWith('/held'),
      ),
  ];
  const lossScale = scalesLoss(options)
    ? new LossScale(platform.native!, slots, keep ? [] : moving, options.lossScale?.growthSteps)
    : undefined;
  let correct: Tensor | undefined;

  const task = taskOf(architecture);
  const noisyImages =
    task === 'denoising'
      ? noisyBatch(platform, architecture, batch.images, batch, options.seed, draw)
      : undefined;

  const { value: loss, grads } = tf.engine().gradients(
    () => {
      const output = runPass(
        platform,
        weights,
        {
          training: true,
          initial: seededRandom(0),
          weights: reads,
          random: { seed: options.seed, step: draw },
          ...(options.scheduledDropPath && { dropPathShare: scalars.dropPathShare }),
        },
        (ops) => {
          const told = forwardNetwork(ops, architecture, noisyImages?.images ?? batch.images, {
            dropPath: options.dropPath,
            masks: options.masks,
            ...(noisyImages && { condition: noisyImages.condition }),
          });
          return task === 'dense' ? atImageSize(ops, told, architecture) : told;
        },
      );
      return platform.inFloat32(() => {
        const labels = { ...batch, share: options.mixesLabels ? scalars.share : undefined };
        const result =
          task === 'dense'
            ? denseLoss(platform, architecture, options, output, labels)
            : noisyImages
              ? denoisingLoss(platform, output, noisyImages.noise)
              : classificationLoss(platform, architecture, options, output, labels);
        correct = tf.keep(result.correct);
        return result.loss;
      }) as never;
    },
    values,
    lossScale?.scale as never,
    true,
  );

  const result = platform.inFloat32(() => {
    const slot = (path: string, name: string): StateVariable => slots.get(`${path}/${name}`)!;
    const gradients = grads.map((gradient, index) => {
      const scaled = (gradient as Tensor | null) ?? tf.zerosLike(values[index]!);
      const own = lossScale?.unscaled(scaled) ?? scaled;
      if (accumulate === 1) return own;
      const so = slot(trainable[index]!.path, accumulatorName);
      const sum = tf.add(so.read(), own);
      so.assign(keep ? sum : tf.zerosLike(sum));
      return keep ? sum : tf.div(sum, accumulate);
    });
    if (keep) return tf.stack([loss, correct!, tf.scalar(0), ...(lossScale?.state() ?? [])] as Tensor[]);
    const noisy = options.noisyGradients
      ? gradients.map((gradient, index) =>
          tf.add(
            gradient,
            tf.mul(
              normalNoise(platform, gradient.shape, drawKey(options.seed, `noise/${index}`), scalars.step),
              scalars.gradientNoise,
            ),
          ),
        )
      : gradients;
    const updates = trainable.map((variable, index) => ({
      weight: variable,
      value: values[index]!,
      gradient: noisy[index]!,
      decays: options.decay === 'all' || isDecayed(variable.path, variable.shape),
      slots: slotNames[optimizer.kind].map((name) => slot(variable.path, name)),
    }));
    const norm =
      platform.updateTogether?.(optimizer, updates, scalars, clipNorm) ??
      oneByOne(platform, optimizer, updates, scalars, clipNorm);
    if (options.averages)
      for (const variable of weights.all()) {
        const average = slot(variable.path, averageName);
        average.assign(
          tf.add(
            tf.mul(average.read(), scalars.averageDecay),
            tf.mul(variable.read(), tf.sub(1, scalars.averageDecay)),
          ),
        );
      }
    lossScale?.settle(norm);
    return tf.stack([loss, correct!, norm, ...(lossScale?.state() ?? [])] as Tensor[]);
  });
  correct!.dispose();
  return result;
}

function oneByOne(
  platform: Platform,
  optimizer: OptimizerSpec,
  updates: readonly WeightUpdate[],
  scalars: StepScalars,
  clipNorm: number,
): Tensor {
  const { tf } = platform;
  const norm = tf.sqrt(platform.squaredNorm(updates.map(({ gradient }) => gradient)));
  const factor = clipNorm > 0 ? tf.minimum(1, tf.div(clipNorm, tf.add(norm, 1e-6))) : undefined;
  for (const { weight, value, slots, gradient, decays } of updates)
    platform.update(
      optimizer,
      weight,
      value,
      slots,
      factor ? tf.mul(gradient, factor) : gradient,
      scalars,
      decays,
    );
  return norm;
}
