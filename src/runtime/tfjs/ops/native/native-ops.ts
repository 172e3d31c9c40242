/** `TensorOps` on native TensorFlow: the portable ops, overridden where TensorFlow's kernels are faster. */
import type { TensorOps } from '../../../../tensor/tensor-ops.js';
import type { NativeEngine, Tensor } from '../../native-engine.js';
import type { OpsContext } from '../ops-context.js';
import { portableOps } from '../portable/portable-ops.js';
import type { FoldableConvolutions, FusableActivations } from './fusion-tables.js';
import { kernelOps } from './kernel-ops.js';
import { nativeLinearOps } from './native-linear.js';
import { nativeNormOps } from './native-norm.js';
import { nativePointwiseOps } from './native-pointwise.js';

export function nativeOps(engine: NativeEngine, context: OpsContext): TensorOps<Tensor> {
  const portable = portableOps(context);
  const foldable: FoldableConvolutions = new WeakMap();
  const fusable: FusableActivations = new WeakMap();
  const native = {
    ...portable,
    ...nativeLinearOps(engine, portable, foldable, fusable),
    ...nativeNormOps(engine, context, foldable),
    ...nativePointwiseOps(engine, portable),
  };
  return { ...native, ...kernelOps(engine, context, native, fusable) };
}
