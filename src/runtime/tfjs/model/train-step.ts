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
import { isDecayed } from '../../weight-decay.js';
import type { Tensor } from '../native-engine.js';
import { type Platform, type StepScalars, slotNames, type WeightUpdate } from '../platform.js';
import { type GuideTerm, guidanceLoss, guideMaps, pooledMap } from './guidance-loss.js';
import { declareLossScale, LossScale, scalesLoss } from './loss-scale.js';
import { drawKey, runPass } from './run-pass.js';
import type { StateStore, StateVariable } from './state-store.js';
import {
  atImageSize,
  classificationLoss,
  denoisingLoss,
  denseLoss,
  drawNormal,
  type Labels,
  type LossAndCorrect,
  noisyBatch,
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

export const isInteger = (name: ScalarName): boolean => name === 'step' || name === 'draw';

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

/** Names of slots of no optimizer: a weight's summed gradients of the micro-batches, its moving average. */
export const accumulatorName = 'gradients';
export const averageName = 'average';

/** Declares the slots `weight-path/slot-name`: zero where they are new, averages at the weight's value. */
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
    slots.declare(`${path}/${averageName}`, shape, false, () => values().slice());
}

/** A batch on the device: images `[b,h,w,c]` and their labels. */
export interface StepBatch extends Labels {
  readonly images: Tensor;
}

export interface StepContext {
  readonly platform: Platform;
  readonly architecture: Architecture;
  readonly weights: StateStore;
  readonly slots: StateStore;
  readonly options: TrainingOptions & { readonly masks?: SparsityMasks | undefined };
  readonly scalars: StepScalars;
  readonly guideTerm?: GuideTerm | undefined;
  /** Of a supernet: how the member `architecture` is run on the shared weights. */
  readonly member?: MemberWeights;
}

export interface MemberWeights {
  /** The member's weights by path, as slices of the shared ones; differentiable. */
  sliced(shared: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor>;
  /** Holds the running statistics of the pass. */
  readonly statistics: Pick<StateStore, 'declare'>;
}

/**
 * One step; changes weights, slots and statistics.
 * @param keep true for a micro-batch before the last: adds its gradients to the sum, and changes no weight
 * @returns loss, correct and gradient norm as one tensor `[3]`; with a scaled loss `[5]`: also the scale and
 * the steps taken
 */
export function trainStep(context: StepContext, batch: StepBatch, keep = false): Tensor {
  const { platform, weights, slots, options } = context;
  const { tf } = platform;
  const trainable = weights.trainable();
  const values = trainable.map((variable) => variable.read());
  const lossScale = scalesLoss(options)
    ? new LossScale(
        platform.native!,
        slots,
        keep ? [] : skippable(weights, slots),
        options.lossScale?.growthSteps,
      )
    : undefined;
  const { loss, correct, gradients } = differentiatedLoss(context, batch, trainable, values, lossScale);
  const result = platform.inFloat32(() => {
    const unscaled = gradients.map((gradient, index) => {
      const scaled = gradient ?? tf.zerosLike(values[index]!);
      return lossScale?.unscaled(scaled) ?? scaled;
    });
    const accumulated = accumulate(context, trainable, unscaled, keep);
    const norm = keep ? tf.scalar(0) : applyGradients(context, trainable, values, accumulated);
    if (!keep) lossScale?.settle(norm);
    return tf.stack([loss, correct, norm, ...(lossScale?.state() ?? [])] as Tensor[]);
  });
  correct.dispose();
  return result;
}

/** Variables that a step with gradients that are not finite must leave unchanged. */
const skippable = (weights: StateStore, slots: StateStore): StateVariable[] => [
  ...weights.all(),
  ...slots
    .all()
    .filter(
      ({ path }) =>
        !path.startsWith('loss-scale/') && !path.endsWith(`/${accumulatorName}`) && !path.endsWith('/held'),
    ),
];

export interface DifferentiatedLoss {
  readonly loss: Tensor;
  /** Kept: the caller disposes of it. */
  readonly correct: Tensor;
  /**
   * By trainable weight; null where the loss does not depend on it. Of the scaled loss, where it is scaled.
   */
  readonly gradients: readonly (Tensor | null)[];
}

export function differentiatedLoss(
  { platform, architecture, weights, options, scalars, member, guideTerm }: StepContext,
  batch: StepBatch,
  trainable: readonly StateVariable[],
  values: readonly Tensor[],
  lossScale?: LossScale,
): DifferentiatedLoss {
  const { tf } = platform;
  const reads = new Map(trainable.map(({ path }, index) => [path, values[index]!]));
  const draw = (options.accumulate ?? 1) > 1 ? scalars.draw : scalars.step;
  const task = taskOf(architecture);
  const noisyImages =
    task === 'denoising'
      ? noisyBatch(platform, architecture, batch.images, batch, options.seed, draw)
      : undefined;
  const guiding = guideTerm ? guideMaps(guideTerm, batch.images) : [];
  const forward = (maps: Tensor[]): Tensor =>
    runPass(
      platform,
      member?.statistics ?? weights,
      {
        training: true,
        initial: seededRandom(0),
        weights: member?.sliced(reads) ?? reads,
        random: { seed: options.seed, step: draw },
        ...(options.scheduledDropPath && { dropPathShare: scalars.dropPathShare }),
      },
      (ops) => {
        const output = forwardNetwork(ops, architecture, noisyImages?.images ?? batch.images, {
          dropPath: options.dropPath,
          masks: options.masks,
          ...(guideTerm && { onStage: (_: number, map: Tensor) => maps.push(map) }),
          ...(noisyImages && { condition: noisyImages.condition }),
        });
        return task === 'dense' ? atImageSize(ops, output, architecture) : output;
      },
    );
  const lossOf = (output: Tensor): LossAndCorrect => {
    const labels = { ...batch, share: options.mixesLabels ? scalars.share : undefined };
    if (noisyImages) return denoisingLoss(platform, output, noisyImages.noise);
    return task === 'dense'
      ? denseLoss(platform, architecture, options, output, labels)
      : classificationLoss(platform, architecture, options, output, labels);
  };
  let correct: Tensor | undefined;
  const { value: loss, grads } = tf.engine().gradients(
    () => {
      const maps: Tensor[] = [];
      const output = forward(maps);
      return platform.inFloat32(() => {
        const result = lossOf(output);
        correct = tf.keep(result.correct);
        if (!guideTerm) return result.loss;
        const own = maps.map((map) => pooledMap(tf, map));
        return tf.add(result.loss, guidanceLoss(tf, own, guiding, guideTerm.weight));
      }) as never;
    },
    values as Tensor[],
    lossScale?.scale as never,
    true,
  );
  return { loss, correct: correct!, gradients: grads as readonly (Tensor | null)[] };
}

/** Mean gradients over the micro-batches so far; with `keep` their sum, which stays in the accumulators. */
function accumulate(
  { platform: { tf }, slots, options }: StepContext,
  trainable: readonly StateVariable[],
  gradients: readonly Tensor[],
  keep: boolean,
): readonly Tensor[] {
  const { accumulate: microBatches = 1 } = options;
  if (microBatches === 1) return gradients;
  return gradients.map((gradient, index) => {
    const accumulator = slots.get(`${trainable[index]!.path}/${accumulatorName}`)!;
    const sum = tf.add(accumulator.read(), gradient);
    accumulator.assign(keep ? sum : tf.zerosLike(sum));
    return keep ? sum : tf.div(sum, microBatches);
  });
}

/** Updates weights, optimizer slots and averages; returns the gradients' norm before clipping. */
export function applyGradients(
  context: StepContext,
  trainable: readonly StateVariable[],
  values: readonly Tensor[],
  gradients: readonly Tensor[],
): Tensor {
  const { platform, slots, options, scalars } = context;
  const { optimizer, clipNorm } = options;
  const noisy = options.noisyGradients ? withNoise(context, gradients) : gradients;
  const updates = trainable.map(
    (variable, index): WeightUpdate => ({
      weight: variable,
      value: values[index]!,
      gradient: noisy[index]!,
      decays: options.decay === 'all' || isDecayed(variable.path, variable.shape),
      slots: slotNames[optimizer.kind].map((name) => slots.get(`${variable.path}/${name}`)!),
    }),
  );
  const norm =
    platform.updateTogether?.(optimizer, updates, scalars, clipNorm) ??
    updateOneByOne(platform, optimizer, updates, scalars, clipNorm);
  if (options.averages) moveAverages(context);
  return norm;
}

const withNoise = (
  { platform, options, scalars }: StepContext,
  gradients: readonly Tensor[],
): readonly Tensor[] =>
  gradients.map((gradient, index) => {
    const key = drawKey(options.seed, `noise/${index}`);
    const noise = drawNormal(platform, gradient.shape, key, scalars.step);
    return platform.tf.add(gradient, platform.tf.mul(noise, scalars.gradientNoise));
  });

function moveAverages({ platform: { tf }, weights, slots, scalars }: StepContext): void {
  for (const variable of weights.all()) {
    const average = slots.get(`${variable.path}/${averageName}`)!;
    average.assign(
      tf.add(
        tf.mul(average.read(), scalars.averageDecay),
        tf.mul(variable.read(), tf.sub(1, scalars.averageDecay)),
      ),
    );
  }
}

function updateOneByOne(
  platform: Platform,
  optimizer: OptimizerSpec,
  updates: readonly WeightUpdate[],
  scalars: StepScalars,
  clipNorm: number,
): Tensor {
  const { tf } = platform;
  const norm = tf.sqrt(platform.squaredNorm(updates.map(({ gradient }) => gradient)));
  const factor = clipNorm > 0 ? tf.minimum(1, tf.div(clipNorm, tf.add(norm, 1e-6))) : undefined;
  for (const update of updates)
    platform.update(
      optimizer,
      factor ? { ...update, gradient: tf.mul(update.gradient, factor) } : update,
      scalars,
    );
  return norm;
}
