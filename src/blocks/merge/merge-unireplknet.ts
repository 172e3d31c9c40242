/**
 * Structural re-parameterisation of UniRepLKNet's block: weights of `form: training` → weights of `form:
 * merged`, valid for inference statistics. https://arxiv.org/abs/2311.15599
 * Batch norms are folded into the layer before them. Dilated kernels are spread with zeros and added to the
 * large kernel. The offset of the response norm passes through the projection into its bias.
 */
import { dilatedBranches } from '../conv/unireplknet.js';
import { type BlockWeights, foldBatchNorm, weightValues } from './fold-batch-norm.js';

/** Adds `filter` `[k,k,c]`, dilated and scaled per channel, at the centre of `large` `[size,size,c]`. */
function addCentred(
  large: Float64Array,
  size: number,
  filter: Float32Array,
  kernel: number,
  dilation: number,
  scale: Float64Array,
): void {
  const channels = scale.length;
  const edge = Math.floor(size / 2) - dilation * Math.floor(kernel / 2);
  for (let row = 0; row < kernel; row++) {
    for (let column = 0; column < kernel; column++) {
      const to = ((edge + row * dilation) * size + edge + column * dilation) * channels;
      const from = (row * kernel + column) * channels;
      for (let channel = 0; channel < channels; channel++)
        large[to + channel]! += filter[from + channel]! * scale[channel]!;
    }
  }
}

/** Parallel convolutions of the training form: kernel, dilation and scope name; the large one first. */
function branchesOf(kernel: number): (readonly [size: number, dilation: number, name: string])[] {
  return [
    [kernel, 1, 'large'],
    ...dilatedBranches[kernel]!.map(
      ([size, dilation]) => [size, dilation, `dilated${size}x${dilation}`] as const,
    ),
  ];
}

/** The merged depthwise convolution: `large/filter` `[k,k,c,1]` and `large/bias` `[c]`. */
function mergedConvolution(weights: BlockWeights, kernel: number): [path: string, values: Float32Array][] {
  const outer = foldBatchNorm(weights, 'norm');
  const channels = outer.scale.length;
  const filter = new Float64Array(kernel * kernel * channels);
  const offset = new Float64Array(channels);
  if (kernel < 7)
    filter.set(weightValues(weights, 'large/filter')); // no branches and no norm of its own
  else
    for (const [size, dilation, name] of branchesOf(kernel)) {
      const inner = foldBatchNorm(weights, `${name}-norm`);
      addCentred(filter, kernel, weightValues(weights, `${name}/filter`), size, dilation, inner.scale);
      inner.offset.forEach((value, channel) => {
        offset[channel]! += value;
      });
    }
  return [
    ['large/filter', Float32Array.from(filter, (value, index) => value * outer.scale[index % channels]!)],
    [
      'large/bias',
      Float32Array.from(offset, (value, channel) => value * outer.scale[channel]! + outer.offset[channel]!),
    ],
  ];
}

/**
 * The merged projection: `project/kernel` `[hidden,c]` with batch norm and layer scale folded in, and
 * `project/bias` `[c]`, which takes up the response norm's β through the projection.
 */
function mergedProjection(weights: BlockWeights): [path: string, values: Float32Array][] {
  const kernel = weightValues(weights, 'project/kernel');
  const norm = foldBatchNorm(weights, 'project-norm');
  const width = norm.scale.length;
  const layerScale = weights.get('layer-scale');
  const scaleOf = (channel: number): number => layerScale?.[channel] ?? 1;
  const factor = norm.scale.map((value, channel) => value * scaleOf(channel));
  const beta = weightValues(weights, 'response-norm/beta');
  const projectedBeta = new Float64Array(width);
  kernel.forEach((value, index) => {
    projectedBeta[index % width]! += value * beta[Math.floor(index / width)]!;
  });
  return [
    ['project/kernel', Float32Array.from(kernel, (value, index) => value * factor[index % width]!)],
    [
      'project/bias',
      Float32Array.from(
        projectedBeta,
        (value, channel) => value * factor[channel]! + norm.offset[channel]! * scaleOf(channel),
      ),
    ],
  ];
}

/** Weights that both forms have. */
const sharedPaths = [
  'se/reduce/kernel',
  'se/reduce/bias',
  'se/expand/kernel',
  'se/expand/bias',
  'expand/kernel',
  'expand/bias',
  'response-norm/gamma',
];

/**
 * @param weights weights of a block of `form: training` by path within the block (`large/filter`, …)
 * @param kernel the block's parameter `kernel`
 * @returns weights of the equal block of `form: merged`
 * @throws Error where a weight is missing
 */
export function mergeUniRepLKNet(weights: BlockWeights, kernel: number): Map<string, Float32Array> {
  return new Map([
    ...sharedPaths.map((path) => [path, weightValues(weights, path)] as const),
    ...(kernel > 0 ? mergedConvolution(weights, kernel) : []),
    ...mergedProjection(weights),
  ]);
}
