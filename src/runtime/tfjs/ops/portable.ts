/**
 * `TensorOps` from tfjs's own ops: runs on any tfjs backend; native and wasm replace what they do better or
 * must.
 */
import type { TensorOps } from '../../../tensor/tensor-ops.js';
import type { Tensor } from '../native-engine.js';
import { chanceOps } from './chance.js';
import { joinPath, type OpsContext } from './context.js';
import { linearOps } from './linear.js';
import { normOps } from './norm.js';
import { pointwiseOps } from './pointwise.js';
import { poolingOps } from './pooling.js';
import { shapeOps } from './shape.js';

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
    ...chanceOps(context),
  };
}
