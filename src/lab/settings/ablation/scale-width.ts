/** Networks with other widths: whole heads a stage; a stem that feeds stage 1 directly keeps its width. */
import type { Architecture } from '../../../architecture/architecture.js';
import { gcd } from '../../../util/gcd.js';
import { combinations } from './scale-depth.js';

/** The network with these widths of its stages. */
export function withWidths(architecture: Architecture, widths: readonly number[]): Architecture {
  const first = architecture.stages[0];
  const isTied =
    first !== undefined &&
    first.downsample === null &&
    first.firstStride === 1 &&
    first.width === architecture.stem.width;
  return {
    ...architecture,
    stem: isTied ? { ...architecture.stem, width: widths[0]! } : architecture.stem,
    stages: architecture.stages.map((stage, index) => ({ ...stage, width: widths[index]! })),
  };
}

/** Width that a stage's blocks divide by: whole heads. */
const headStep = ({ blocks }: Architecture['stages'][number]): number =>
  blocks.reduce((step, { params }) => {
    const heads = params['head-dim'];
    return typeof heads === 'number' ? (step * heads) / gcd(step, heads) : step;
  }, 1);

/** Steps around a scale that are tried, by the number of stages: at most 625 combinations. */
const reaches = [
  { most: 4, offsets: [-2, -1, 0, 1, 2] },
  { most: 5, offsets: [-1, 0, 1] },
  { most: Infinity, offsets: [0] },
];

const scales = Array.from({ length: 97 }, (_, index) => 4 ** ((index - 48) / 48));

/**
 * Widths near one common scale, in multiples of `grain` and of whole heads.
 * @param near scale around which each stage is also tried a step or two narrower and wider; undefined: common
 * scales
 */
export function widthVariants(architecture: Architecture, grain: number, near?: number): Architecture[] {
  const steps = architecture.stages.map((stage) => {
    const heads = headStep(stage);
    return (heads * grain) / gcd(heads, grain);
  });
  const at = (scale: number): number[] =>
    architecture.stages.map(({ width }, index) => {
      const step = steps[index]!;
      return Math.max(step, Math.round((width * scale) / step) * step);
    });
  if (near === undefined) {
    const seen = new Map(scales.map((scale) => [at(scale).join(), at(scale)]));
    return [...seen.values()].map((widths) => withWidths(architecture, widths));
  }
  const { length } = architecture.stages;
  const reach = reaches.find(({ most }) => length <= most)!.offsets;
  const lists = at(near).map((width, index) => [
    ...new Set(reach.map((offset) => Math.max(steps[index]!, width + offset * steps[index]!))),
  ]);
  return combinations(lists).map((widths) => withWidths(architecture, widths));
}

/** How unevenly the stages were scaled: largest less smallest logarithm. */
export function unevenness(before: Architecture, after: Architecture): number {
  const logs = after.stages.map(({ width }, index) => Math.log(width / before.stages[index]!.width));
  return Math.max(...logs) - Math.min(...logs);
}
