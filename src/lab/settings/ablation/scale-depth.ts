/** Networks with other numbers of blocks: a stage's letters keep their shares and order. */
import type { Architecture, BlockSpec } from '../../../architecture/architecture.js';

/** `count` blocks, the block at each relative position repeated or left out. */
export const resampledBlocks = (blocks: readonly BlockSpec[], count: number): BlockSpec[] =>
  Array.from({ length: count }, (_, index) => blocks[Math.floor(((index + 0.5) * blocks.length) / count)]!);

/** More combinations of depths are not tried. */
const mostCombinations = 20_000;

/** Networks with each stage at up to half or twice its blocks, the nearest to the given one first. */
export function depthVariants(architecture: Architecture): Architecture[] {
  const depths = architecture.stages.map(({ blocks }) => blocks.length);
  const ranges = depths.map((depth) => {
    const least = Math.max(1, Math.ceil(depth / 2));
    return depth === 0 ? [0] : Array.from({ length: 2 * depth - least + 1 }, (_, index) => least + index);
  });
  const size = ranges.reduce((product, range) => product * range.length, 1);
  const near =
    size <= mostCombinations
      ? ranges
      : ranges.map((range, index) => range.filter((depth) => Math.abs(depth - depths[index]!) <= 2));
  return combinations(near)
    .map((combination) => ({
      combination,
      distance: combination.reduce(
        (sum, depth, index) => sum + Math.abs(Math.log(Math.max(1, depth) / Math.max(1, depths[index]!))),
        0,
      ),
    }))
    .sort((a, b) => a.distance - b.distance)
    .map(({ combination }) => ({
      ...architecture,
      stages: architecture.stages.map((stage, index) => ({
        ...stage,
        blocks: resampledBlocks(stage.blocks, combination[index]!),
      })),
    }));
}

/** Every choice of one value from each list. */
export const combinations = (lists: readonly (readonly number[])[]): number[][] =>
  lists.reduceRight<number[][]>(
    (tails, list) => list.flatMap((value) => tails.map((tail) => [value, ...tail])),
    [[]],
  );
