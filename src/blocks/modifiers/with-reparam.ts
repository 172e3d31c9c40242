/**
 * Structural re-parameterisation of any block. In training, a 1×1 convolution with batch norm runs in
 * parallel to each convolution of odd kernel and stride 1. For inference `mergeReparam` folds both into one
 * filter and a bias, with equal outputs. After RepVGG and ACNet. https://arxiv.org/abs/2101.03697
 */
import { overrideOps } from '../../tensor/override-ops.js';
import type { Conv2dOptions, TensorOps } from '../../tensor/tensor-ops.js';
import { batchNorm } from '../layers/norm-layers.js';
import type { Modifier } from './modifier.js';

const EPSILON = 1e-5;

/** Whether a 1×1 convolution can be merged: it is then the centre of an odd filter at stride 1. */
function canMerge<T>(ops: TensorOps<T>, x: T, y: T, filter: T, { stride = 1 }: Conv2dOptions): boolean {
  const [rows, columns] = ops.shape(filter) as [number, number];
  return (
    stride === 1 &&
    rows % 2 === 1 &&
    columns % 2 === 1 &&
    rows * columns > 1 &&
    ops.shape(x).slice(0, 3).join() === ops.shape(y).slice(0, 3).join()
  );
}

function reparameterised<T>(ops: TensorOps<T>, form: string): TensorOps<T> {
  const beside = (x: T, y: T, filter: T, options: Conv2dOptions, branch: (thin: T) => T): T => {
    if (!canMerge(ops, x, y, filter, options)) return y;
    const shape = ops.shape(filter);
    return ops.scope('reparam', () => {
      if (form === 'merged')
        return ops.binary(y, ops.weight('bias', [ops.shape(y).at(-1)!], { kind: 'zeros' }), 'add');
      const thin = ops.weight('filter', [1, 1, shape[2]!, shape[3]!], { kind: 'he-normal', fan: 'out' });
      return ops.binary(y, batchNorm(ops, branch(thin), 'norm', { epsilon: EPSILON }), 'add');
    });
  };
  return overrideOps(ops, {
    conv2d: (x, filter, options = {}) =>
      beside(x, ops.conv2d(x, filter, options), filter, options, (thin) =>
        ops.conv2d(x, thin, { groups: options.groups ?? 1 }),
      ),
    depthwiseConv2d: (x, filter, options = {}) =>
      beside(x, ops.depthwiseConv2d(x, filter, options), filter, options, (thin) =>
        ops.depthwiseConv2d(x, thin),
      ),
  });
}

export const withReparam: Modifier<string> = {
  name: 'with-reparam',
  summary: 'a 1×1 convolution beside each larger one in training, merged into it for inference',
  source: 'https://arxiv.org/abs/2101.03697',
  spec: {
    kind: 'choice',
    oneOf: ['training', 'merged'],
    doc: '1×1 convolutions with norm beside the larger ones, or the filters and biases they merge into',
  },
  wrap: (run, form) => (ops, x, context) => run(reparameterised(ops, form), x, context),
};

/** A weight or running statistic with its shape. */
export interface ShapedValues {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Weights of the training form → weights of the merged form; both by path, of a block or a whole network. */
export function mergeReparam<W extends ShapedValues>(
  weights: ReadonlyMap<string, W>,
): Map<string, ShapedValues> {
  const merged = new Map<string, ShapedValues>();
  for (const [path, weight] of weights) {
    if (/(^|\/)reparam\//.test(path)) continue;
    const base = path.replace(/filter$/, 'reparam');
    const thin = path.endsWith('filter') ? weights.get(`${base}/filter`) : undefined;
    if (!thin) {
      merged.set(path, weight);
      continue;
    }
    const of = (name: string): Float32Array => weights.get(`${base}/norm/${name}`)!.values;
    const [gamma, beta, mean, variance] = [
      of('gamma'),
      of('beta'),
      of('running-mean'),
      of('running-variance'),
    ];
    const [rows, columns, inner, outer] = weight.shape as [number, number, number, number];
    const values = weight.values.slice();
    const middle = (((rows - 1) / 2) * columns + (columns - 1) / 2) * inner * outer;
    const channels = gamma.length;
    const factor = (channel: number): number => gamma[channel]! / Math.sqrt(variance[channel]! + EPSILON);
    // The output channel of a depthwise filter is given by its last two indices together.
    for (let index = 0; index < inner * outer; index++)
      values[middle + index]! += thin.values[index]! * factor(channels === outer ? index % outer : index);
    merged.set(path, { shape: weight.shape, values });
    merged.set(`${base}/bias`, {
      shape: [channels],
      values: Float32Array.from(
        { length: channels },
        (_, channel) => beta[channel]! - mean[channel]! * factor(channel),
      ),
    });
  }
  return merged;
}
