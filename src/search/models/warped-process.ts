/**
 * A Gaussian process of a warped quantity, whose posterior is given in the quantity's own unit. Kernel and
 * warp are those under which held-out observations are most probable.
 */
import type { FeatureTable } from './features.js';
import {
  fittedObservations,
  GaussianProcess,
  type GaussianProcessOptions,
  type ProcessFit,
} from './gaussian-process.js';
import { type Covariance, CovarianceFamily, fittedCovariance, leaveOneOut } from './hyperparameters.js';
import { type KernelName, kernels } from './kernel.js';
import { type OutputWarp, outputWarp, unwarped, WARP_POWERS } from './output-warp.js';
import type { ModelQuality, Posterior, Surrogate } from './surrogate.js';

/** Below this many observations the tails are not known. */
const FEWEST = 8;

/** Kernel, warp and hyperparameters, as the observations say. */
interface ProcessChoice {
  readonly kernel: KernelName;
  readonly warp: OutputWarp;
  readonly fit: ProcessFit;
  /** Mean log density of held-out observations in the unit of the quantity. */
  readonly logDensity: number;
}

export class WarpedProcess implements Surrogate {
  private constructor(
    private readonly inner: GaussianProcess,
    private readonly warp: OutputWarp,
    readonly quality: ModelQuality,
  ) {}

  /** @param names kernels to choose from */
  static of(
    names: readonly KernelName[],
    options: Omit<GaussianProcessOptions, 'kernel' | 'fit'>,
  ): WarpedProcess {
    const { kernel, warp, fit, logDensity } = chosen(names, options);
    const inner = GaussianProcess.of({ ...options, kernel, fit, ys: options.ys.map(warp.warp) });
    return new WarpedProcess(inner, warp, { ...fit.quality, logDensity });
  }

  /** The same process over another pool; this one must not be used any more. */
  over(pool: FeatureTable): WarpedProcess {
    return new WarpedProcess(this.inner.over(pool), this.warp, this.quality);
  }

  add(x: readonly number[], y: number): void {
    this.inner.add(x, this.warp.warp(y));
  }

  screened(): Posterior {
    return this.unwarped(this.inner.screened());
  }

  posterior(positions: ArrayLike<number>): Posterior {
    return this.unwarped(this.inner.posterior(positions));
  }

  private unwarped({ mean, deviation }: Posterior): Posterior {
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
  const { dimensions, xs, ys } = fittedObservations(options);
  return names
    .map((name) => bestWarp(name, new CovarianceFamily(kernels[name], dimensions, xs), ys))
    .reduce((best, other) => (other.logDensity > best.logDensity ? other : best));
}

/** Hyperparameters are fitted without a warp, and again under the best one. */
function bestWarp(kernel: KernelName, family: CovarianceFamily, ys: readonly number[]): ProcessChoice {
  const choiceOf = (warp: OutputWarp, { hyper, inverse }: Covariance): ProcessChoice => {
    const { logDensity, explained, spread } = leaveOneOut(inverse, ys.map(warp.warp));
    const quality = { logDensity, explained, spread };
    return { kernel, warp, fit: { hyper, quality }, logDensity: logDensity + warp.logJacobian };
  };
  const warps = WARP_POWERS.map((power) => outputWarp(ys, power));
  const covariance = fittedCovariance(family, ys.map(warps[0]!.warp));
  const plain = choiceOf(warps[0]!, covariance);
  if (ys.length < FEWEST) return plain;
  const { warp } = warps
    .map((own) => choiceOf(own, covariance))
    .reduce((high, other) => (other.logDensity > high.logDensity ? other : high));
  if (warp.power === 1) return plain;
  const refitted = choiceOf(warp, fittedCovariance(family, ys.map(warp.warp), covariance.hyper));
  return refitted.logDensity > plain.logDensity ? refitted : plain;
}
