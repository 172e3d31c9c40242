/**
 * Detects divergence: a loss or gradient that is not finite, a loss far above that of guessing or constant,
 * or vanished gradients. The trial then ends early with the reason and the step.
 */
import type { StepResult } from '../../runtime/runtime.js';

/** Consecutive steps that a symptom must last, so that one bad batch ends nothing. */
const patience = 50;
/** Multiple of ln(classes), the loss of guessing evenly, above which a loss counts as high. */
const highLossFactor = 10;
const vanishedNorm = 1e-9;

/** Consecutive steps with each symptom, and the last loss. Field names are those of stored checkpoints. */
export interface DivergenceState {
  /** High loss. */
  readonly high: number;
  /** Vanished gradient. */
  readonly still: number;
  /** Constant loss. */
  readonly same: number;
  /** The last loss. */
  readonly last: number;
  /** Steps that loss scaling skipped; absent: none. */
  readonly skipped?: number;
}

/** Checks a training step by step; its answer depends only on the steps it is given. */
export class DivergenceMonitor {
  readonly #chanceLoss: number;
  #high: number;
  #still: number;
  #same: number;
  #last: number;
  #skipped: number;

  /** @param state of the resumed training's monitor */
  constructor(classes: number, state: DivergenceState = { high: 0, still: 0, same: 0, last: -1 }) {
    this.#chanceLoss = Math.log(Math.max(2, classes));
    [this.#high, this.#still, this.#same, this.#last, this.#skipped] = [
      state.high,
      state.still,
      state.same,
      state.last,
      state.skipped ?? 0,
    ];
  }

  get state(): DivergenceState {
    return {
      high: this.#high,
      still: this.#still,
      same: this.#same,
      last: this.#last,
      ...(this.#skipped > 0 && { skipped: this.#skipped }),
    };
  }

  /**
   * Why the training has diverged at this step, in one line; undefined where it has not.
   * @param step from 1
   */
  problem(
    step: number,
    {
      loss,
      gradientNorm,
      skipped,
      lossScale,
    }: Pick<StepResult, 'loss' | 'gradientNorm' | 'skipped' | 'lossScale'>,
  ): string | undefined {
    this.#skipped = skipped ? this.#skipped + 1 : 0;
    if (this.#skipped >= patience)
      return (
        `step ${step}: the gradient must be finite at some loss scale within ${patience} steps, ` +
        `got none down to a scale of ${lossScale}`
      );
    if (skipped) return undefined;
    if (!Number.isFinite(loss)) return `step ${step}: loss must be finite, got ${loss}`;
    if (!Number.isFinite(gradientNorm))
      return `step ${step}: gradient norm must be finite, got ${gradientNorm}`;
    this.#high = loss > highLossFactor * this.#chanceLoss ? this.#high + 1 : 0;
    if (this.#high >= patience)
      return (
        `step ${step}: loss must fall below ${highLossFactor} × ln(classes) within ${patience} steps, ` +
        `got ${loss.toPrecision(4)}`
      );
    this.#still = gradientNorm < vanishedNorm && loss > 1e-6 ? this.#still + 1 : 0;
    if (this.#still >= patience)
      return (
        `step ${step}: gradient must not vanish for ${patience} steps, ` +
        `got norm ${gradientNorm.toExponential(1)} at loss ${loss.toPrecision(4)}`
      );
    this.#same = loss === this.#last && loss > 1e-6 ? this.#same + 1 : 0;
    this.#last = loss;
    if (this.#same >= patience)
      return `step ${step}: loss must move within ${patience} steps, got ${loss.toPrecision(4)} at every one`;
    return undefined;
  }
}
