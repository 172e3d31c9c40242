/**
 * Dynamic loss scaling: float16 has no numbers below 6e-8, where most gradients are. So the loss is
 * multiplied before it is differentiated, and the float32 gradients are divided after. The scale doubles
 * after many good steps and halves on a gradient that is not finite. Such a step is skipped: it changes no
 * weight, slot, average or running statistic. Micikevicius et al., Mixed precision training, ICLR 2018,
 * section 3.2: https://arxiv.org/abs/1710.03740
 */
import type { TrainingOptions } from '../../runtime.js';
import { attr, DT, type NativeEngine, type Tensor } from '../native-engine.js';
import type { StateStore, StateVariable } from './state-store.js';

/** Powers of two, so that scaling rounds nothing. */
export const lossScaleDefaults = { initial: 2 ** 15, growthSteps: 2000 } as const;
const lowest = 1;
const highest = 2 ** 24;

/** Slots of the scale, on the device and in checkpoints. */
export const lossScaleSlots = {
  scale: 'loss-scale/scale',
  goodSteps: 'loss-scale/good-steps',
  taken: 'loss-scale/steps-taken',
} as const;
/** Slot of a running statistic's value at the start of a step of several micro-batches. */
const heldName = 'held';

export const scalesLoss = ({ precision }: Pick<TrainingOptions, 'precision'>): boolean =>
  precision === 'float16';

export function declareLossScale(
  weights: StateStore,
  slots: StateStore,
  { lossScale, accumulate = 1 }: Pick<TrainingOptions, 'lossScale' | 'accumulate'>,
): void {
  slots.declare(lossScaleSlots.scale, [], false, () =>
    Float32Array.of(lossScale?.initial ?? lossScaleDefaults.initial),
  );
  for (const path of [lossScaleSlots.goodSteps, lossScaleSlots.taken])
    slots.declare(path, [], false, () => new Float32Array(1));
  if (accumulate > 1)
    for (const { path, shape, values } of weights.all().filter(({ trainable }) => !trainable))
      slots.declare(`${path}/${heldName}`, shape, false, () => values().slice());
}

export class LossScale {
  /** Factor of the loss in this step; scalar. */
  readonly scale: Tensor;
  private readonly before: readonly { readonly variable: StateVariable; readonly value: Tensor }[];

  /**
   * Begins a step: call before any update.
   * @param moving variables that a skipped step must not change; not the accumulators of gradients
   */
  constructor(
    private readonly engine: NativeEngine,
    private readonly slots: StateStore,
    moving: readonly StateVariable[],
    private readonly growthSteps = lossScaleDefaults.growthSteps as number,
  ) {
    this.scale = this.slot('scale').read();
    this.before = moving.map((variable) => ({
      variable,
      value: (slots.get(`${variable.path}/${heldName}`) ?? variable).read(),
    }));
  }

  /** The gradient of the loss itself, float32. */
  unscaled(gradient: Tensor): Tensor {
    return this.engine.tf.div(gradient, this.scale);
  }

  /** Ends a step: undoes its updates where the gradients' norm is not finite. Updates the scale. */
  settle(norm: Tensor): void {
    const { tf } = this.engine;
    const isGood = tf.isFinite(norm);
    for (const { variable, value } of this.before) {
      const settled = this.choose(isGood, variable.read(), value);
      variable.assign(settled);
      this.slots.get(`${variable.path}/${heldName}`)?.assign(settled);
    }
    const [goodSteps, taken] = [this.slot('goodSteps'), this.slot('taken')];
    const good = tf.add(goodSteps.read(), 1);
    const grows = tf.greaterEqual(good, this.growthSteps);
    const grown = this.choose(grows, tf.minimum(tf.mul(this.scale, 2), highest), this.scale);
    this.slot('scale').assign(this.choose(isGood, grown, tf.maximum(tf.mul(this.scale, 0.5), lowest)));
    goodSteps.assign(this.choose(isGood, this.choose(grows, tf.zerosLike(good), good), tf.zerosLike(good)));
    taken.assign(tf.add(taken.read(), tf.cast(isGood, 'float32')));
  }

  /** `[scale, steps taken]` as they are now. */
  state(): Tensor[] {
    return [this.slot('scale').read(), this.slot('taken').read()];
  }

  private slot(name: keyof typeof lossScaleSlots): StateVariable {
    return this.slots.get(lossScaleSlots[name])!;
  }

  /** Selects by a scalar condition; a NaN in the other tensor has no effect. */
  private choose(condition: Tensor, chosen: Tensor, other: Tensor): Tensor {
    return this.engine.op('SelectV2', [attr.type('T', DT.float)], [condition, chosen, other]);
  }
}
