/** Inferred memory of passes: TensorFlow's pool on sizes, in-place operations, and whole networks. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { passMemory, passPeakBytes } from '../../src/network/pass-memory.js';
import { loadSpace } from '../../src/space/load.js';
import { type Forward, infer } from '../../src/tensor/infer/infer.js';
import { MemoryPool } from '../../src/tensor/infer/memory-pool.js';
import { PassOps, passSteps } from '../../src/tensor/infer/pass-tensors.js';

const kibibyte = 1024;

/** Floats that every step of a pass over `[1, 4, 4, 8]` allocates; 0: none. */
function taken(forward: Forward): number[] {
  const { steps } = passSteps(infer([1, 4, 4, 8], forward, { ops: new PassOps() }));
  return steps.map(({ take }) => take?.floats ?? 0);
}

describe('MemoryPool', () => {
  it('takes freed memory again, and joins what lies side by side', () => {
    const pool = new MemoryPool();
    const [a, b] = [pool.take(4 * kibibyte), pool.take(4 * kibibyte)];
    pool.take(kibibyte);
    pool.release(a);
    pool.release(b);
    expect(pool.take(8 * kibibyte).start).toBe(a.start);
    expect(pool.usedBytes).toBe(9 * kibibyte);
  });

  it('divides a chunk that is at least twice as large, and hands out a smaller one whole', () => {
    const pool = new MemoryPool();
    const first = pool.take(8 * kibibyte);
    pool.take(kibibyte);
    pool.release(first);
    expect(pool.take(4 * kibibyte).start).toBe(0);
    expect(pool.take(4 * kibibyte).start).toBe(4 * kibibyte);
    const other = new MemoryPool();
    const whole = other.take(8 * kibibyte);
    other.take(kibibyte);
    other.release(whole);
    expect(other.take(5 * kibibyte).size).toBe(8 * kibibyte);
    other.take(3 * kibibyte); // the rest of the whole chunk is lost
    expect(other.usedBytes).toBe(12 * kibibyte);
  });

  it('takes regions that double, and lays no chunk over two of them', () => {
    const pool = new MemoryPool();
    const regions = [1.5, 1.5, 1.5, 5, 1.5].map((mebibytes) => pool.take(mebibytes * 2 ** 20).region);
    expect(regions).toEqual([0, 1, 1, 2, 3]); // of 2, 4 and 8 MiB; 5 of 8 are not divided
    expect(pool.usedBytes).toBe(11 * 2 ** 20);
  });
});

describe('passSteps', () => {
  it('pointwise operations write into an input that ends there', () => {
    expect(taken((ops, x) => ops.activation(ops.scale(x, 2), 'gelu'))).toEqual([0, 0]);
    expect(taken((ops, x) => ops.binary(ops.scale(x, 2), x, 'add'))).toEqual([128, 0]);
  });

  it("GELU's tanh approximation is one operation", () => {
    expect(taken((ops, x) => ops.geluTanh!(x))).toEqual([0]);
  });

  it('pooling pads its input first, and resizing goes by rows, then by columns', () => {
    expect(taken((ops, x) => ops.maxPool(x, { window: 3, stride: 2, padding: 1 }))).toEqual([288, 32]);
    expect(taken((ops, x) => ops.maxPool(x, { window: 2, stride: 2, padding: 'valid' }))).toEqual([32]);
    expect(taken((ops, x) => ops.resize(x, 8, 8, 'nearest'))).toEqual([256, 512]);
  });

  it('a dilated convolution sums slices over its taps, a grouped one joins its groups', () => {
    const filter = (ops: Parameters<Forward>[0], shape: number[]): never =>
      ops.weight('filter', shape, { kind: 'zeros' }) as never;
    expect(
      taken((ops, x) => ops.depthwiseConv2d(x, filter(ops as never, [3, 3, 8, 1]), { dilation: 2 })),
    ).toEqual([512, ...Array.from({ length: 9 }, () => [128, 0]).flat(), 0]);
    expect(taken((ops, x) => ops.conv2d(x, filter(ops as never, [1, 1, 4, 8]), { groups: 2 }))).toEqual([
      128, 64, 64, 128,
    ]);
  });

  it('a transposition needs a buffer, and what became ready last runs first', () => {
    const slice = (ops: Parameters<Forward>[0], x: never, at: number): never =>
      (ops.slice as (x: never, begin: number[], size: number[]) => never)(x, [0, 0, 0, at], [-1, -1, -1, 4]);
    const sizes = taken((ops, x) =>
      ops.binary(
        ops.transpose(slice(ops as never, x as never, 0), [0, 2, 1, 3]),
        ops.transpose(slice(ops as never, x as never, 4), [0, 2, 1, 3]),
        'mul',
      ),
    );
    expect(sizes).toEqual([64, 64, 64, 64, 0]);
  });
});

describe('passMemory', () => {
  const network = (name: string) =>
    loadSpace(join(import.meta.dirname, `../../search-spaces/reference/${name}.space`)).unrank(0n);
  const peak = (name: string, batch: number): number => passPeakBytes(network(name), batch) / 2 ** 20;
  const growth = (name: string, batch: number): number =>
    passMemory(network(name), batch).growthBytes / 2 ** 20;

  it('peakBytes is what the log of the pool says that a pass holds (docs/benchmarks.md)', () => {
    const measured = {
      resnet50: [6.9, 55.1],
      'vit-base-patch16-224': [4.1, 32.7],
      'swin-tiny-patch4-window7-224': [8.0, 64.3],
      'convnext-tiny': [6.9, 55.1],
      'maxvit-tiny-tf-224': [16.1, 128.6],
      'efficientnet-b0': [5.7, 45.9],
      'coatnet-0-224': [24.1, 192.9],
      'mobilevitv2-100': [12.0, 96.0],
      resnet18: [6.2, 49.9],
      'mobilenetv2-100': [5.7, 45.9],
      'tf-efficientnetv2-s': [3.4, 27.6],
    };
    for (const [name, [one, eight]] of Object.entries(measured)) {
      expect(Math.abs(peak(name, 1) / one! - 1), name).toBeLessThan(0.05);
      expect(Math.abs(peak(name, 8) / eight! - 1), name).toBeLessThan(0.05);
    }
    // skip connections, dilated convolutions, pooling of tokens, hierarchical attention
    const further = {
      'ascan-unet-class': 15.0,
      'unireplknet-a': 54.6,
      'pf-vit-s-max': 9.96,
      'hiera-tiny-224': 59.7,
      'sret-t': 12.4,
    };
    for (const [name, four] of Object.entries(further))
      expect(Math.abs(peak(name, 4) / four - 1), name).toBeLessThan(0.1);
  });

  it('growthBytes lies within a quarter of what processes grew by at batch 8 (docs/benchmarks.md)', () => {
    const measured = {
      'vit-base-patch16-224': 59.0,
      'swin-tiny-patch4-window7-224': 69.1,
      'convnext-tiny': 74.5,
      'maxvit-tiny-tf-224': 206.9,
      'efficientnet-b0': 78.9,
      'coatnet-0-224': 321.7,
      'mobilevitv2-100': 165.1,
    };
    for (const [name, grown] of Object.entries(measured)) {
      const ratio = growth(name, 8) / grown;
      expect(ratio, name).toBeGreaterThan(0.75);
      expect(ratio, name).toBeLessThan(1.25);
    }
  });

  it('grows with the batch; a process by more than its tensors', () => {
    const [one, eight, sixty] = [1, 8, 64].map((batch) => growth('vit-base-patch16-224', batch));
    expect(one!).toBeGreaterThan(10);
    expect(eight!).toBeGreaterThan(3 * one!);
    expect(sixty!).toBeGreaterThan(6 * eight!);
    expect(peak('vit-base-patch16-224', 64) / peak('vit-base-patch16-224', 1)).toBeCloseTo(64, 1);
    expect(peak('vit-base-patch16-224', 64)).toBeLessThan(sixty!);
  });
});
