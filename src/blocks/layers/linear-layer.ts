/** Linear layers over the last axis. */
import type { Init, TensorOps } from '../../tensor/tensor-ops.js';

/**
 * Initialiser of projections that end a residual branch: small, so that a new block is close to the identity.
 */
export const outputInit: Init = { kind: 'truncated-normal', std: 0.02 };
/**
 * Initialiser of projections that begin a branch: standard deviation 0.7/√fan-in, which is the usual 0.02 at
 * 1,200 channels and larger in narrow networks.
 */
export const inputInit = (fanIn: number): Init => ({ kind: 'truncated-normal', std: 0.7 / Math.sqrt(fanIn) });

/** x `[…,c]` → `[…,width]`; weights `name/kernel` `[c,width]` and `name/bias`. */
export function linear<T>(
  ops: TensorOps<T>,
  x: T,
  name: string,
  width: number,
  options: { readonly bias?: boolean; readonly init?: Init } = {},
): T {
  const shape = ops.shape(x);
  const channels = shape.at(-1)!;
  return ops.scope(name, () => {
    const kernel = ops.weight('kernel', [channels, width], options.init ?? inputInit(channels));
    const flat = shape.length === 2 ? x : ops.reshape(x, [-1, channels]);
    const y = ops.matmul(flat, kernel);
    const biased =
      (options.bias ?? true) ? ops.binary(y, ops.weight('bias', [width], { kind: 'zeros' }), 'add') : y;
    return shape.length === 2 ? biased : ops.reshape(biased, [...shape.slice(0, -1), width]);
  });
}
