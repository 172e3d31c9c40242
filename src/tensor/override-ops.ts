/** Operations of which some are replaced. Modifiers and sparsity masks run a block through them. */
import type { TensorOps } from './tensor-ops.js';

/** `ops` with the operations in `changes` replaced; every other one is that of `ops`. */
export function overrideOps<T>(ops: TensorOps<T>, changes: Partial<TensorOps<T>>): TensorOps<T> {
  return new Proxy(ops, {
    get(target, key) {
      if (Object.hasOwn(changes, key)) return changes[key as keyof TensorOps<T>];
      const value: unknown = target[key as keyof TensorOps<T>];
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
