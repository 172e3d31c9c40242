/** Differentiable ops with a gradient of their own: forward and backward given, tfjs's tape in between. */
import { attr, DT, type NativeEngine, type OpAttr, type Tensor, type Tf } from '../native-engine.js';

/** `T: float32`, the attribute nearly every op takes. */
export const floatType = attr.type('T', DT.float);

/**
 * Value of `forward` with the gradient `backward(dy, saved)`, one per input. `forward` saves what `backward`
 * reads: tensors that are not saved are gone by then.
 */
export function differentiable(
  engine: { readonly tf: Tf; place?: string },
  inputs: readonly Tensor[],
  forward: (save: (tensors: Tensor[]) => void) => Tensor,
  backward: (dy: Tensor, saved: Tensor[]) => Tensor[],
): Tensor {
  const { place } = engine; // the gradient is computed when every scope is closed
  return engine.tf.customGrad((...args: unknown[]) => {
    const save = args.at(-1) as (tensors: Tensor[]) => void;
    return {
      value: forward(save),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const outer = engine.place;
        if (place !== undefined) engine.place = `gradient of ${place}`;
        const gradients = backward(dy, saved);
        if (outer !== undefined) engine.place = outer;
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
