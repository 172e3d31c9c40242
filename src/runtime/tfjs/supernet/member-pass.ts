/** Passes of a supernet's members: slices of shared weights on the device, and running statistics. */
import { type AxisSlice, isWholeAxis, type WeightSlice } from '../../../network/supernet/weight-slice.js';
import type { StateStore, StateVariable } from '../model/state-store.js';
import type { Tensor, Tf } from '../native-engine.js';

/** One weight of a member as a differentiable part of the shared tensor. */
function slicedTensor(tf: Tf, shared: Tensor, axes: readonly AxisSlice[]): Tensor {
  if (axes.every((axis, at) => isWholeAxis(axis, shared.shape[at]!))) return shared;
  const leading = tf.slice(
    shared,
    axes.map((axis) => (axis.length === 1 ? axis[0]!.begin : 0)),
    axes.map((axis, at) => (axis.length === 1 ? axis[0]!.size : shared.shape[at]!)),
  );
  const at = axes.findIndex((axis) => axis.length !== 1); // only the last axis has segments
  if (at < 0) return leading;
  const pieces = axes[at]!.map(({ begin, size }) =>
    tf.slice(
      leading,
      leading.shape.map((_, axis) => (axis === at ? begin : 0)),
      leading.shape.map((whole, axis) => (axis === at ? size : whole)),
    ),
  );
  return tf.concat(pieces, at);
}

/** The member's weights by its own paths. @param shared tensors by shared path */
export const slicedWeights = (
  tf: Tf,
  slices: ReadonlyMap<string, WeightSlice>,
  shared: ReadonlyMap<string, Tensor>,
): ReadonlyMap<string, Tensor> =>
  new Map(
    [...slices].map(([path, slice]) => [path, slicedTensor(tf, shared.get(slice.shared)!, slice.axes)]),
  );

type Statistic = Pick<StateVariable, 'read' | 'assign'>;

/**
 * Running statistics of one pass.
 * @param read the value that a pass begins with
 * @param moved receives what the pass makes of it; the tensor is the caller's to dispose of
 */
export const passStatistics = (
  read: (path: string, shape: readonly number[], initial: () => Float32Array) => Tensor,
  moved: (path: string, value: Tensor) => void = () => {},
): Pick<StateStore, 'declare'> => ({
  declare: (path, shape, _trainable, initial) => {
    const statistic: Statistic = {
      read: () => read(path, shape, initial),
      assign: (value) => moved(path, value),
    };
    return statistic as StateVariable; // batch norm reads and assigns
  },
});
