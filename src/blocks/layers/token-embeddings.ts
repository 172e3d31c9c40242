/**
 * Learned position embeddings, and class tokens. With a class token a map becomes one row of tokens
 * `[b,1,1+n,c]`, the class token first.
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';

/** Prepends a class token: x `[b,h,w,c]` → `[b,1,1+h·w,c]`; weight `class-token` `[c]`. */
export function withClassToken<T>(ops: TensorOps<T>, x: T): T {
  const [batch, height, width, channels] = ops.shape(x) as [number, number, number, number];
  const token = ops.reshape(ops.weight('class-token', [channels], { kind: 'truncated-normal', std: 0.02 }), [
    1,
    1,
    1,
    channels,
  ]);
  const row = ops.reshape(x, [batch, 1, height * width, channels]);
  const zeros = ops.scale(ops.slice(row, [0, 0, 0, 0], [-1, 1, 1, -1]), 0); // [b,1,1,c]
  return ops.concat([ops.binary(zeros, token, 'add'), row], 2);
}

/** Adds a learned position to every pixel of x `[b,h,w,c]`; weight `position` `[1,h,w,c]`. */
export function withPositions<T>(ops: TensorOps<T>, x: T): T {
  const [, height, width, channels] = ops.shape(x) as [number, number, number, number];
  return ops.binary(
    x,
    ops.weight('position', [1, height, width, channels], { kind: 'truncated-normal', std: 0.02 }),
    'add',
  );
}
