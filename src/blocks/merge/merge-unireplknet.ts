/**
 * Structural re-parameterisation of UniRepLKNet's block: the weights of the training form become those of
 * `form: merged`. Batch norms fold into what stands before them, dilated kernels are spread with zeros and
 * added to the large one, the response norm's offset passes through the projection into its bias. Valid for
 * inference statistics. https://arxiv.org/abs/2311.15599
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

/**
 * @param weights of a block of `form: training` with this kernel, by path within the block (`large/filter`,
 * …)
 * @returns weights of the equal block of `form: merged`
 */
export function mergeUniRepLKNet(weights: BlockWeights, kernel: number): Map<string, Float32Array> {
  const merged = new Map<string, Float32Array>();
  for (const path of [
    'se/reduce/kernel',
    'se/reduce/bias',
    'se/expand/kernel',
    'se/expand/bias',
    'expand/kernel',
    'expand/bias',
    'response-norm/gamma',
  ])
    merged.set(path, weightValues(weights, path));
  if (kernel > 0) {
    const outer = foldBatchNorm(weights, 'norm');
    const channels = outer.scale.length;
    const filter = new Float64Array(kernel * kernel * channels);
    const offset = new Float64Array(channels);
    const branches =
      kernel >= 7
        ? [
            [kernel, 1, 'large'] as const,
            ...dilatedBranches[kernel]!.map(
              ([size, dilation]) => [size, dilation, `dilated${size}x${dilation}`] as const,
            ),
          ]
        : [];
    for (const [size, dilation, name] of branches) {
      const inner = foldBatchNorm(weights, `${name}-norm`);
      addCentred(filter, kernel, weightValues(weights, `${name}/filter`), size, dilation, inner.scale);
      inner.offset.forEach((value, channel) => {
        offset[channel]! += value;
      });
    }
    if (kernel < 7)
      addCentred(
        filter,
        kernel,
        weightValues(weights, 'large/filter'),
        kernel,
        1,
        new Float64Array(channels).fill(1),
      );
    merged.set(
      'large/filter',
      Float32Array.from(filter, (value, index) => value * outer.scale[index % channels]!),
    );
    merged.set(
      'large/bias',
      Float32Array.from(offset, (value, channel) => value * outer.scale[channel]! + outer.offset[channel]!),
    );
  }
  const project = weightValues(weights, 'project/kernel'); // [hidden,c]
  const norm = foldBatchNorm(weights, 'project-norm');
  const width = norm.scale.length;
  const layerScale = weights.get('layer-scale');
  const factor = norm.scale.map((value, channel) => value * (layerScale?.[channel] ?? 1));
  const beta = weightValues(weights, 'response-norm/beta');
  const passed = new Float64Array(width);
  project.forEach((value, index) => {
    passed[index % width]! += value * beta[Math.floor(index / width)]!;
  });
  merged.set(
    'project/kernel',
    Float32Array.from(project, (value, index) => value * factor[index % width]!),
  );
  merged.set(
    'project/bias',
    Float32Array.from(
      passed,
      (value, channel) => value * factor[channel]! + norm.offset[channel]! * (layerScale?.[channel] ?? 1),
    ),
  );
  return merged;
}
