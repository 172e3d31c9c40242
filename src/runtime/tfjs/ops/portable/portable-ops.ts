/** `TensorOps` by tfjs's own ops, on any backend; native and wasm override some of them. */
import type { TensorOps } from '../../../../tensor/tensor-ops.js';
import type { Tensor } from '../../native-engine.js';
import { joinPath, type OpsContext } from '../ops-context.js';
import { dropoutOps } from './dropout-ops.js';
import { linearOps } from './linear-ops.js';
import { normOps } from './norm-ops.js';
import { pointwiseOps } from './pointwise-ops.js';
import { poolingOps } from './pooling-ops.js';
import { shapeOps } from './shape-ops.js';

export function portableOps(context: OpsContext): TensorOps<Tensor> {
  return {
    training: context.training,
    shape: (x) => x.shape,
    scope: (name, body) => context.scope(name, body),
    weight: (name, shape, init) => context.weight(joinPath(context.path(), name), shape, init),
    constant: (values, shape) => context.tf.tensor(values.slice(), [...shape], 'float32'),
    ...linearOps(context),
    ...normOps(context),
    ...pointwiseOps(context),
    ...poolingOps(context),
    ...shapeOps(context),
    ...dropoutOps(context),
  };
}
