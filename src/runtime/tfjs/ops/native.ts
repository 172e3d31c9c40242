/**
 * `TensorOps` on native TensorFlow: the portable ops with TensorFlow's own kernels where they are faster or
 * fewer.
 */
import type { TensorOps } from '../../../tensor/tensor-ops.js';
import type { NativeEngine, Tensor } from '../native-engine.js';
import type { OpsContext } from './context.js';
import { kernelOps } from './kernels.js';
import { type Activatable, type FoldableConvolutions, nativeLinearOps } from './native-linear.js';
import { nativeNormOps } from './native-norm.js';
import { nativePointwiseOps } from './native-pointwise.js';
import { portableOps } from './portable.js';

export function nativeOps(engine: NativeEngine, context: OpsContext): TensorOps<Tensor> {
  const portable = portableOps(context);
  const foldable: FoldableConvolutions = new WeakMap();
  const activatable: Activatable = new WeakMap();
  const native = {
    ...portable,
    ...nativeLinearOps(engine, portable, foldable, activatable),
    ...nativeNormOps(engine, context, foldable),
    ...nativePointwiseOps(engine, portable),
  };
  return engine.kernels ? { ...native, ...kernelOps(engine, context, native, activatable) } : native;
}
