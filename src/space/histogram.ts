/**
 * How members spread over a number read from them, exactly and without enumerating: for finite values
 * (blocks, asymmetry, widths) one more state is followed along the words; for parameters and MACs the
 * budget's own sums are asked at the edges of bins.
 */

import type { Architecture } from '../architecture/architecture.js';
import { asymmetryScore, layoutOf } from '../architecture/layout.js';
import { UserError } from '../util/errors.js';
import type { Random } from '../util/random.js';
import type { Additive } from './budgets.js';
import type { CompiledSpace } from './compiled-space.js';

export interface Bin {
  /** Members with low ≤ value ≤ high; equal for values that are counted one by one. */
  readonly low: number;
  readonly high: number;
  readonly count: bigint;
  /** The subset, as a condition. */
  readonly condition: string;
}

/** Numbers of blocks with a letter (any letter where it is undefined), in a stage or in all. */
export interface BlockCount {
  readonly letter?: string;
  readonly stage?: number;
}

function countOf(space: CompiledSpace): bigint {
  const count = space.count();
  if (!count.exact)
    throw new UserError(
      `${space.name}: a histogram needs an exact set, got one with a filter: ${count.because}`,
    );
  return count.count;
}

/** One bin per number that occurs, found by halving the range of what is possible. */
function integerBins(space: CompiledSpace, expression: string, highest: number): Bin[] {
  const bins: Bin[] = [];
  for (let value = 0; value <= highest; value++) {
    const condition = `${expression} == ${value}`;
    const count = countOf(space.where(condition));
    if (count > 0n) bins.push({ low: value, high: value, count, condition });
  }
  return bins;
}

/** Longest a member can be, by the graph. */
export function deepest(space: CompiledSpace, of: (letter: string, stage: number) => boolean): number {
  const {
    graph,
    shared: {
      model: { labels },
    },
  } = space;
  const most = new Int32Array(graph.nodes);
  const stageOf = new Int32Array(graph.nodes);
  for (let node = 0; node < graph.nodes; node++) {
    if (graph.boundary[node]! > 0) stageOf[node] = graph.boundary[node]!;
    for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++)
      stageOf[graph.targets[edge]!] = Math.max(stageOf[graph.targets[edge]!]!, stageOf[node]!);
  }
  for (let node = graph.nodes - 1; node >= 0; node--) {
    for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++) {
      const label = labels.labels[graph.labels[edge]!]!;
      const own = label.kind === 'block' && of(label.block.letter, stageOf[node]!) ? 1 : 0;
      most[node] = Math.max(most[node]!, own + most[graph.targets[edge]!]!);
    }
  }
  return most[0]!;
}

/** Members by how many blocks they hold. @example blockHistogram(space, { letter: 'T' }) */
export function blockHistogram(space: CompiledSpace, { letter, stage }: BlockCount = {}): Bin[] {
  const expression =
    letter === undefined
      ? stage === undefined
        ? 'depth'
        : `depth(${stage})`
      : `count(${letter}${stage === undefined ? '' : `, ${stage}`})`;
  return integerBins(
    space,
    expression,
    deepest(
      space,
      (one, at) => (letter === undefined || one === letter) && (stage === undefined || at === stage),
    ),
  );
}

/** Members by graded asymmetry: 0 apart, then `bins` equal parts of 0..1. */
export function asymmetryHistogram(space: CompiledSpace, bins = 10): Bin[] {
  const all: Bin[] = [{ low: 0, high: 0, count: countOf(space.where('symmetric')), condition: 'symmetric' }];
  for (let index = 0; index < bins; index++) {
    const [low, high] = [index / bins, (index + 1) / bins];
    const condition = `asymmetry > ${low} and asymmetry <= ${high}`;
    all.push({ low, high, count: countOf(space.where(condition)), condition });
  }
  return all.filter(({ count }) => count > 0n);
}

/** Lowest and highest cost of any member, by the graph under the conditions on structure. */
export function costRange(
  space: CompiledSpace,
  measure: Additive,
): { readonly low: number; readonly high: number } {
  const { graph } = space;
  const low = new Float64Array(graph.nodes);
  const high = new Float64Array(graph.nodes);
  for (let node = graph.nodes - 1; node >= 0; node--) {
    if (graph.firstEdge[node] === graph.firstEdge[node + 1]) continue;
    [low[node], high[node]] = [Infinity, -Infinity];
    for (let edge = graph.firstEdge[node]!; edge < graph.firstEdge[node + 1]!; edge++) {
      const cost = graph.places.costs[graph.events[edge]!]![measure];
      low[node] = Math.min(low[node]!, cost + low[graph.targets[edge]!]!);
      high[node] = Math.max(high[node]!, cost + high[graph.targets[edge]!]!);
    }
  }
  return { low: low[0]!, high: high[0]! };
}

/** Members by params or MACs in equal bins between the lowest and the highest. */
export function costHistogram(space: CompiledSpace, measure: Additive, bins = 12): Bin[] {
  const range = costRange(space, measure);
  const edges = Array.from({ length: bins + 1 }, (_, index) =>
    Math.round(range.low + ((range.high - range.low) * index) / bins),
  );
  return Array.from({ length: bins }, (_, index): Bin => {
    const [low, high] = [edges[index]! + (index === 0 ? 0 : 1), edges[index + 1]!];
    const condition = `${measure} in ${low}..${high}`;
    return { low, high, count: high < low ? 0n : countOf(space.where(condition)), condition };
  }).filter(({ count }) => count > 0n);
}

/** `each` distinct members of every bin, or all where a bin holds fewer; uniform within a bin. */
export function stratifiedSample(
  space: CompiledSpace,
  bins: readonly Bin[],
  each: number,
  random: Random,
): Architecture[] {
  return bins.flatMap(({ condition, count }) =>
    space
      .where(condition)
      .sampleDistinct(count < BigInt(each) ? Number(count) : each, random.fork(condition)),
  );
}

export const asymmetryOf = (architecture: Architecture): number => asymmetryScore(layoutOf(architecture));
