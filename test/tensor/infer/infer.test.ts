import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { infer, ShapeError } from '../../../src/tensor/infer/infer.js';
import { windowedLength } from '../../../src/tensor/infer/shape-rules.js';
import type { TensorOps } from '../../../src/tensor/tensor-ops.js';

fc.configureGlobal({ seed: 1 });

const zeros = { kind: 'zeros' } as const;
const FLOAT = 4;

describe('infer: parameters', () => {
  it('counts a weight read twice once, by its path', () => {
    const { params, weights } = infer([1, 5], (ops, x) => {
      const use = (): typeof x => ops.scope('a', () => ops.matmul(x, ops.weight('w', [5, 5], zeros)));
      return ops.binary(use(), use(), 'add');
    });
    expect(params).toBe(25);
    expect([...weights.keys()]).toEqual(['a/w']);
  });
  it('counts running statistics as state, not parameters', () => {
    const { params, stateScalars } = infer([1, 2, 2, 6], (ops, x) =>
      ops.batchNorm(x, { gamma: ops.weight('g', [6], zeros), beta: ops.weight('b', [6], zeros) }),
    );
    expect([params, stateScalars]).toEqual([12, 12]);
  });
  it('refuses to share a path between shapes', () => {
    expect(() =>
      infer([1, 5], (ops, x) => {
        ops.weight('w', [5], zeros);
        ops.weight('w', [6], zeros);
        return x;
      }),
    ).toThrow(/^w: a shared weight must keep its shape \[5\], got \[6\]$/);
  });
});

describe('infer: multiply-accumulates', () => {
  it('are output · kernel · group channels for a convolution', () => {
    const size = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(
        size,
        size,
        size,
        size,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
        (height, width, cin, cout, stride, groups) => {
          const { macs, output } = infer([2, height, width, cin * groups], (ops, x) =>
            ops.conv2d(x, ops.weight('f', [3, 3, cin, cout * groups], zeros), { stride, groups }),
          );
          expect(output).toEqual([2, Math.ceil(height / stride), Math.ceil(width / stride), cout * groups]);
          expect(macs).toBe(2 * output[1]! * output[2]! * cout * groups * 9 * cin);
        },
      ),
    );
  });
  it('count both products of attention and both operands’ transposes', () => {
    const { macs, output } = infer([2, 3, 7, 5], (ops, x) =>
      ops.matmul(ops.matmul(x, x, { transposeB: true }), x, { transposeA: true }),
    );
    expect(output).toEqual([2, 3, 7, 5]);
    expect(macs).toBe(2 * 2 * 3 * 7 * 7 * 5);
  });
  it('are input · kernel · output channels for a transposed convolution', () => {
    const { macs, output } = infer([1, 4, 5, 6], (ops, x) =>
      ops.conv2dTranspose(x, ops.weight('f', [2, 2, 3, 6], zeros), { stride: 2 }),
    );
    expect([macs, ...output]).toEqual([4 * 5 * 6 * 4 * 3, 1, 8, 10, 3]);
  });
});

describe('infer: live memory', () => {
  const bytes = (forward: <T>(ops: TensorOps<T>, x: T) => T): number =>
    infer([1, 10], forward).activationBytes / FLOAT;
  it('is input and output of the operation that runs', () =>
    expect(bytes((ops, x) => ops.activation(ops.activation(ops.activation(x, 'relu'), 'relu'), 'relu'))).toBe(
      20,
    ));
  it('keeps a residual until its sum', () =>
    expect(bytes((ops, x) => ops.binary(x, ops.activation(ops.activation(x, 'relu'), 'relu'), 'add'))).toBe(
      30,
    ));
  it('takes a reshape as a view', () =>
    expect(bytes((ops, x) => ops.reshape(ops.activation(ops.reshape(x, [2, 5]), 'relu'), [10, 1]))).toBe(20));
  it('leaves weights and what derives from them alone out', () =>
    expect(
      bytes((ops, x) =>
        ops.matmul(ops.reshape(x, [1, 10]), ops.activation(ops.weight('w', [10, 1], zeros), 'relu')),
      ),
    ).toBe(11));
  it('is the input alone for the identity', () => expect(bytes((_, x) => x)).toBe(10));
});

describe('infer: shape errors', () => {
  it.each<[string, <T>(ops: TensorOps<T>, x: T) => T, RegExp]>([
    [
      'matmul',
      (ops, x) => ops.scope('stage1', () => ops.matmul(x, x)),
      /^stage1\/matmul: matmul's inner axes must be equal, got 3 and 4/,
    ],
    ['reshape', (ops, x) => ops.reshape(x, [5, -1]), /^reshape: reshape must keep the 24 elements/],
    [
      'conv2d',
      (ops, x) => ops.conv2d(ops.reshape(x, [1, 2, 4, 3]), ops.weight('f', [3, 3, 4, 4], zeros)),
      /^conv2d: filter .* got \[3,3,4,4\]/,
    ],
    ['gather', (ops, x) => ops.gather(x, Int32Array.of(0, 4), 1), /^gather: indices must lie in 0..3, got 4/],
    ['concat', (ops, x) => ops.concat([x, ops.reshape(x, [2, 3, 4])], 0), /^concat: /],
    ['slice', (ops, x) => ops.slice(x, [0, 3, 0], [-1, 2, -1]), /^slice: /],
    [
      'valid window',
      (ops, x) => ops.maxPool(ops.reshape(x, [1, 2, 3, 4]), { window: 3, stride: 1, padding: 'valid' }),
      /^maxPool: a window of 3/,
    ],
  ])('%s names the scope and the rule', (_, forward, message) => {
    expect(() => infer([2, 4, 3], forward)).toThrow(ShapeError);
    expect(() => infer([2, 4, 3], forward)).toThrow(message);
  });
});

describe('windowedLength', () => {
  it('equals the number of window positions', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
        (length, size, stride, pad, dilation) => {
          const extent = (size - 1) * dilation + 1;
          fc.pre(length + 2 * pad >= extent);
          let count = 0;
          for (let start = -pad; start + extent <= length + pad; start += stride) count++;
          expect(windowedLength(length, size, stride, pad, dilation)).toBe(count);
        },
      ),
    );
  });
});
