import { describe, expect, it } from 'vitest';
import type { ImageSet } from '../../../src/data/dataset.js';
import { withClassesOf } from '../../../src/train/evaluate/class-names.js';

const set: ImageSet = {
  ...{ count: 4, height: 1, width: 1, channels: 1 },
  pixels: new Uint8Array(4),
  labels: Uint16Array.from([0, 1, 2, 0]),
};
const labels = (names: readonly string[], classes: readonly string[]): number[] => [
  ...withClassesOf({ names, dataset: { name: 'photos', classes }, set }).labels,
];

describe('withClassesOf({ names, dataset, set })', () => {
  it('equal classes stay', () => {
    expect(labels(['a', 'b', 'c'], ['a', 'b', 'c'])).toEqual([0, 1, 2, 0]);
  });

  it('finds classes by their names: another order, or a part of them', () => {
    expect(labels(['c', 'a', 'b'], ['a', 'b', 'c'])).toEqual([1, 2, 0, 1]);
    expect(labels(['x', 'c', 'y', 'b', 'a'], ['a', 'b', 'c'])).toEqual([4, 3, 1, 4]);
  });

  it('numbers stand for positions, on either side', () => {
    expect(labels(['0', '1', '2'], ['a', 'b', 'c'])).toEqual([0, 1, 2, 0]);
    expect(labels(['a', 'b', 'c'], ['0', '1', '2'])).toEqual([0, 1, 2, 0]);
  });

  it('names a class that the network does not have, and another count', () => {
    expect(() => labels(['a', 'b', 'd'], ['a', 'b', 'c'])).toThrow(
      'test: data must have classes of the weights, got "c" in photos',
    );
    expect(() => labels(['0', '1', '2', '3'], ['a', 'b', 'c'])).toThrow(
      'test: data must have the 4 classes of the weights, got 3 in photos',
    );
  });
});
