/**
 * When a training is beyond hope: a number that is none, a loss far above that of guessing or stuck on one
 * value, or gradients that have vanished. Then the trial ends early as a row that says why and at which step.
 */
import type { StepResult } from '../../runtime/runtime.js';

/** Consecutive steps that a bad sign must last; one bad batch is none. */
const patience = 50;
/** Times the loss of guessing evenly, ln(classes). */
const highLossFactor = 10;
const vanishedNorm = 1e-9;

/** Steps in a row with each bad sign, and the last loss. */
export interface DivergenceState {
  readonly high: number;
  readonly still: number;
  readonly same: number;
  readonly last: number /** Steps in a row that a scaled loss has skipped; absent: none. */;
  readonly skipped?: number;
}

/** Watches step by step. Deterministic in what it is shown. */
export class DivergenceMonitor {
  readonly #guessing: number;
  #high: number;
  #still: number;
  #same: number;
  #last: number;
  #skipped: number;

  /** @param state what the watch of the training that is resumed had seen */
  constructor(classes: number, state: DivergenceState = { high: 0, still: 0, same: 0, last: -1 }) {
    this.#guessing = Math.log(Math.max(2, classes));
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

  /** Why to stop after this step, as one line; undefined to go on. @param step from 1 */
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
      return `step ${step}: the gradient must be finite at some loss scale within ${patience} steps, got none down to a scale of ${lossScale}`;
    if (skipped) return undefined;
    if (!Number.isFinite(loss)) return `step ${step}: loss must be finite, got ${loss}`;
    if (!Number.isFinite(gradientNorm))
      return `step ${step}: gradient norm must be finite, got ${gradientNorm}`;
    this.#high = loss > highLossFactor * this.#guessing ? this.#high + 1 : 0;
    if (this.#high >= patience)
      return `step ${step}: loss must fall below ${highLossFactor} × ln(classes) within ${patience} steps, got ${loss.toPrecision(4)}`;
    this.#still = gradientNorm < vanishedNorm && loss > 1e-6 ? this.#still + 1 : 0;
    if (this.#still >= patience)
      return `step ${step}: gradient must not vanish for ${patience} steps, got norm ${gradientNorm.toExponential(1)} at loss ${loss.toPrecision(4)}`;
    this.#same = loss === this.#last && loss > 1e-6 ? this.#same + 1 : 0;
    this.#last = loss;
    if (this.#same >= patience)
      return `step ${step}: loss must move within ${patience} steps, got ${loss.toPrecision(4)} at every one`;
    return undefined;
  }
}
