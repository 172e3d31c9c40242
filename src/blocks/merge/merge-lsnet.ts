/**
 * Structural re-parameterisation of LSNet's RepVGG mixer, valid for inference statistics. The depthwise 3×3,
 * the depthwise 1×1 (each with its batch norm) and the identity become one depthwise 3×3 with bias (`form:
 * merged`). https://arxiv.org/abs/2101.03697
 */
import { type BlockWeights, foldBatchNorm, weightValues } from './fold-batch-norm.js';

/**
 * @param weights of a block of `form: training`, by path within the block (`mixer/depthwise/filter`, …)
 * @returns weights of the equal block of `form: merged`; those of a block with another mixer as they are
 */
export function mergeLSNet(weights: BlockWeights): Map<string, Float32Array> {
  if (!weights.has('mixer/pointwise/filter')) return new Map(weights);
  const merged = new Map([...weights].filter(([path]) => !/^mixer\/(depthwise|pointwise)/.test(path)));
  const [wide, point] = [
    foldBatchNorm(weights, 'mixer/depthwise-norm'),
    foldBatchNorm(weights, 'mixer/pointwise-norm'),
  ];
  const channels = wide.scale.length;
  const filter = weightValues(weights, 'mixer/depthwise/filter').map(
    (value, index) => value * wide.scale[index % channels]!,
  ); // [3,3,c,1]
  weightValues(weights, 'mixer/pointwise/filter').forEach((value, channel) => {
    filter[4 * channels + channel]! += value * point.scale[channel]! + 1;
  });
  merged.set('mixer/depthwise/filter', filter);
  merged.set(
    'mixer/depthwise/bias',
    Float32Array.from(wide.offset, (value, channel) => value + point.offset[channel]!),
  );
  return merged;
}
