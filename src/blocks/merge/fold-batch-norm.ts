/**
 * Batch norms at inference as a factor and an offset per channel, which re-parameterisation folds into
 * filters.
 */
/** Weights and running statistics as flat arrays, by path within a block. */
export type BlockWeights = ReadonlyMap<string, Float32Array>;
export interface ChannelAffine {
  readonly scale: Float64Array;
  readonly offset: Float64Array;
}

const EPSILON = 1e-5;

/** The batch norm `name` at inference, as y = scale·x + offset per channel. */
export function foldBatchNorm(weights: BlockWeights, name: string): ChannelAffine {
  const [gamma, beta, mean, variance] = ['gamma', 'beta', 'running-mean', 'running-variance'].map((part) =>
    weightValues(weights, `${name}/${part}`),
  ) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const scale = Float64Array.from(gamma, (value, channel) => value / Math.sqrt(variance[channel]! + EPSILON));
  return {
    scale,
    offset: Float64Array.from(beta, (value, channel) => value - mean[channel]! * scale[channel]!),
  };
}

export function weightValues(weights: BlockWeights, path: string): Float32Array {
  const values = weights.get(path);
  if (!values) throw new Error(`merge: weight ${JSON.stringify(path)} must be given, got nothing`);
  return values;
}
