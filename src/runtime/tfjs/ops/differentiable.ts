/** Ops with a custom gradient on tfjs's tape. */
import { attr, DT, type NativeEngine, type OpAttr, type Tensor, type Tf } from '../native-engine.js';

/** `T: float32`, the attribute nearly every op takes. */
export const floatType = attr.type('T', DT.float);

/**
 * Value of `forward`, with the gradient `backward(dy, saved)`, one per input. `forward` must save every
 * tensor that `backward` reads; others are disposed of before.
 */
export function differentiable(
  engine: { readonly tf: Tf; scopePath?: string },
  inputs: readonly Tensor[],
  forward: (save: (tensors: Tensor[]) => void) => Tensor,
  backward: (dy: Tensor, saved: Tensor[]) => Tensor[],
): Tensor {
  const { scopePath } = engine; // the gradient is computed when every scope is closed
  return engine.tf.customGrad((...args: unknown[]) => {
    const save = args.at(-1) as (tensors: Tensor[]) => void;
    return {
      value: forward(save),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const outer = engine.scopePath;
        if (scopePath !== undefined) engine.scopePath = `gradient of ${scopePath}`;
        const gradients = backward(dy, saved);
        if (outer !== undefined) engine.scopePath = outer;
        return inputs.length === 1 ? gradients[0]! : gradients;
      },
    };
  })(...inputs);
}

/** A function of one tensor by one TensorFlow op, with the op of its gradient on `(dy, saved)`. */
export function pointwise(
  engine: NativeEngine,
  x: Tensor,
  name: string,
  saves: 'input' | 'output',
  gradient: (dy: Tensor, saved: Tensor) => Tensor,
  attrs: readonly OpAttr[] = [],
): Tensor {
  return differentiable(
    engine,
    [x],
    (save) => {
      const y = engine.op(name, [floatType, ...attrs], [x]);
      save([saves === 'input' ? x : y]);
      return y;
    },
    (dy, [saved]) => [gradient(dy, saved!)],
  );
}
