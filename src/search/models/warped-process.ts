/**
 * A Gaussian process of a warped quantity, whose posterior is given in the quantity's own unit. Kernel and
 * warp are those under which held-out observations are most probable.
 */
import {
  fitProcess,
  fittedObservations,
  GaussianProcess,
  type GaussianProcessOptions,
  type ProcessFit,
} from './gaussian-process.js';
import { leaveOneOut, type Observations } from './hyperparameters.js';
import { type KernelName, kernels } from './kernel.js';
import { type OutputWarp, outputWarp, unwarped, WARP_POWERS } from './output-warp.js';
import type { ModelQuality, Posterior, Surrogate } from './surrogate.js';

/** Below this many observations the tails are not known. */
const FEWEST = 8;

/** Kernel, warp and hyperparameters, as the observations say. */
export interface ProcessChoice {
  readonly kernel: KernelName;
  readonly warp: OutputWarp;
  readonly fit: ProcessFit;
  /** Mean log density of held-out observations in the unit of the quantity. */
  readonly logDensity: number;
}

export class WarpedProcess implements Surrogate {
  readonly quality: ModelQuality;
  private readonly inner: GaussianProcess;
  private readonly warp: OutputWarp;

  /**
   * @param names kernels to choose from
   * @param choice of an earlier process of the same observations, over another pool; default: chosen anew
   */
  constructor(
    names: readonly KernelName[],
    options: Omit<GaussianProcessOptions, 'kernel' | 'fit'>,
    readonly choice: ProcessChoice = chosen(names, options),
  ) {
    const { kernel, warp, fit, logDensity } = choice;
    this.inner = new GaussianProcess({ ...options, kernel, fit, ys: options.ys.map(warp.warp) });
    this.warp = warp;
    this.quality = { ...fit.quality, logDensity };
  }

  add(x: readonly number[], y: number): void {
    this.inner.add(x, this.warp.warp(y));
  }

  posterior(): Posterior {
    const { mean, deviation } = this.inner.posterior();
    const result = { mean: new Float64Array(mean.length), deviation: new Float64Array(mean.length) };
    for (let at = 0; at < mean.length; at++) {
      const own = unwarped(this.warp, mean[at]!, deviation[at]!);
      result.mean[at] = own.mean;
      result.deviation[at] = own.deviation;
    }
    return result;
  }
}

function chosen(
  names: readonly KernelName[],
  options: Omit<GaussianProcessOptions, 'kernel' | 'fit'>,
): ProcessChoice {
  const observations = fittedObservations(options);
  return names
    .map((name) => bestWarp(name, observations))
    .reduce((best, other) => (other.logDensity > best.logDensity ? other : best));
}

/** Hyperparameters are fitted without a warp, and again under the best one. */
function bestWarp(name: KernelName, observations: Observations): ProcessChoice {
  const kernel = kernels[name];
  const choiceOf = (power: number, fitted?: ProcessFit): ProcessChoice => {
    const warp = outputWarp(observations.ys, power);
    const own = { ...observations, ys: observations.ys.map(warp.warp) };
    const fit = fitted
      ? { ...fitted, quality: leaveOneOut(kernel, own, fitted.hyper) }
      : fitProcess(kernel, own);
    return { kernel: name, warp, fit, logDensity: fit.quality.logDensity + warp.logJacobian };
  };
  const plain = choiceOf(1);
  if (observations.ys.length < FEWEST) return plain;
  const best = WARP_POWERS.map((power) => choiceOf(power, plain.fit)).reduce((high, other) =>
    other.logDensity > high.logDensity ? other : high,
  );
  if (best.warp.power === 1) return plain;
  const refitted = choiceOf(best.warp.power);
  return refitted.logDensity > plain.logDensity ? refitted : plain;
}
