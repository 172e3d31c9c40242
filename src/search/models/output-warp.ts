/**
 * Yeo-Johnson transforms of a modelled quantity: scores of networks have a long tail of poor ones, costs one
 * of dear ones, and a Gaussian process predicts both better once the tail is shortened. Yeo and Johnson 2000,
 * doi.org/10.1093/biomet/87.4.954; chosen as in Cowen-Rivers et al. 2022 (HEBO),
 * https://arxiv.org/abs/2012.03826
 */

export interface OutputWarp {
  /** In [0, 2]; with 1 the warp only standardises. */
  readonly power: number;
  warp(value: number): number;
  unwarp(value: number): number;
  /** Mean logarithm of the derivative of `warp` over the observations it was made from. */
  readonly logJacobian: number;
}

/** Powers that are tried: below 1 a tail of high values is shortened, above 1 one of low values. */
export const WARP_POWERS = [1, 0, 0.5, 1.5, 2] as const;

/** @param power in [0, 2]; 1 only standardises. @param ys observations, whose mean and deviation scale it */
export function outputWarp(ys: readonly number[], power: number): OutputWarp {
  const n = Math.max(1, ys.length);
  const centre = ys.reduce((sum, y) => sum + y, 0) / n;
  const scale = Math.sqrt(ys.reduce((sum, y) => sum + (y - centre) ** 2, 0) / n) || 1;
  const slope = (x: number): number => (x >= 0 ? (power - 1) * Math.log1p(x) : (1 - power) * Math.log1p(-x));
  return {
    power,
    warp: (value) => forward((value - centre) / scale, power),
    unwarp: (value) => centre + scale * backward(value, power),
    logJacobian: ys.reduce((sum, y) => sum + slope((y - centre) / scale), 0) / n - Math.log(scale),
  };
}

function forward(x: number, power: number): number {
  if (x >= 0) return power === 0 ? Math.log1p(x) : ((1 + x) ** power - 1) / power;
  return power === 2 ? -Math.log1p(-x) : -((1 - x) ** (2 - power) - 1) / (2 - power);
}

function backward(z: number, power: number): number {
  if (z >= 0) return power === 0 ? Math.expm1(z) : (1 + power * z) ** (1 / power) - 1;
  return power === 2 ? -Math.expm1(-z) : 1 - (1 - (2 - power) * z) ** (1 / (2 - power));
}

/** Gauss-Hermite nodes and weights of a standard normal, five points. */
const NODES = [0, 1.355626179974266, -1.355626179974266, 2.856970013872806, -2.856970013872806];
const WEIGHTS = [
  0.5333333333333333, 0.2220759220056126, 0.2220759220056126, 0.0112574113277207, 0.0112574113277207,
];

/** Mean and deviation of the quantity whose warped value is normal. */
export function unwarped(
  { power, unwarp }: OutputWarp,
  mean: number,
  deviation: number,
): { readonly mean: number; readonly deviation: number } {
  const middle = unwarp(mean);
  if (power === 1) return { mean: middle, deviation: unwarp(mean + deviation) - middle };
  let [first, second] = [0, 0];
  for (let at = 0; at < NODES.length; at++) {
    const difference = unwarp(mean + NODES[at]! * deviation) - middle;
    first += WEIGHTS[at]! * difference;
    second += WEIGHTS[at]! * difference * difference;
  }
  return { mean: middle + first, deviation: Math.sqrt(Math.max(0, second - first * first)) };
}
