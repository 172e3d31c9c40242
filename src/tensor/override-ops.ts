/** Operations with some of them replaced: what modifiers and masks read a block's definition through. */
import type { TensorOps } from './tensor-ops.js';

/** `ops` where `changes` stand in for the operations of their names; all else goes to `ops` itself. */
export function overrideOps<T>(ops: TensorOps<T>, changes: Partial<TensorOps<T>>): TensorOps<T> {
  return new Proxy(ops, {
    get(target, key) {
      if (Object.hasOwn(changes, key)) return changes[key as keyof TensorOps<T>];
      const value: unknown = target[key as keyof TensorOps<T>];
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
