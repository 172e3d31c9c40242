/**
 * Initial values of weights, drawn in JavaScript from a stream forked by the weight's path: the same seed
 * gives the same weights on every runtime, whatever the order in which they are declared.
 */
import type { Init, Shape } from '../../../tensor/tensor-ops.js';
import type { Random } from '../../../util/random.js';

/** Values of a weight of `shape`. A fan is one of the last two axes times the receptive field before them. */
export function initialValues(init: Init, shape: Shape, random: Random): Float32Array {
  const size = shape.reduce((product, dim) => product * dim, 1);
  const values = new Float32Array(size);
  const fill = (draw: () => number): Float32Array => {
    for (let i = 0; i < size; i++) values[i] = draw();
    return values;
  };
  switch (init.kind) {
    case 'zeros':
      return values;
    case 'ones':
      return values.fill(1);
    case 'constant':
      return values.fill(init.value);
    case 'normal':
      return fill(() => init.std * random.normal());
    case 'truncated-normal':
      return fill(() => init.std * truncatedNormal(random));
    case 'he-normal': {
      const std = Math.sqrt(2 / fans(shape)[init.fan === 'in' ? 0 : 1]);
      return fill(() => std * random.normal());
    }
    case 'glorot-uniform': {
      const [fanIn, fanOut] = fans(shape);
      const limit = Math.sqrt(6 / (fanIn + fanOut));
      return fill(() => limit * (2 * random.next() - 1));
    }
    case 'values':
      if (init.values.length !== size)
        throw new RangeError(
          `weight: initial values must fill [${shape.join()}] (${size}), got ${init.values.length}`,
        );
      values.set(init.values);
      return values;
    default:
      return init satisfies never;
  }
}

/** Standard normal, redrawn outside two standard deviations. */
function truncatedNormal(random: Random): number {
  for (;;) {
    const value = random.normal();
    if (Math.abs(value) <= 2) return value;
  }
}

function fans(shape: Shape): [number, number] {
  if (shape.length < 2) return [shape[0] ?? 1, shape[0] ?? 1];
  const field = shape.slice(0, -2).reduce((product, dim) => product * dim, 1);
  return [field * shape.at(-2)!, field * shape.at(-1)!];
}
