/**
 * Histograms of the members of a space over a number of blocks, the asymmetry or a cost: exact and without
 * enumeration, since each bin is counted as the subset of a condition.
 */

import type { Architecture } from '../../architecture/architecture.js';
import { asymmetryScore, layoutOf } from '../../architecture/layout.js';
import { UserError } from '../../util/errors.js';
import type { Random } from '../../util/random.js';
import type { CompiledSpace } from '../compiled-space.js';
import type { AdditiveMeasure } from '../conditions/cost-ranges.js';

export interface Bin {
  /** Members with low ≤ value ≤ high; the bounds are equal for integer values with one bin each. */
  readonly low: number;
  readonly high: number;
  readonly count: bigint;
  /** The condition that selects the bin. */
  readonly condition: string;
}

/** Number of blocks with a letter (default any), in a stage (default all). */
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

/** One bin per integer value that occurs. */
function integerBins(space: CompiledSpace, expression: string, highest: number): Bin[] {
  const bins: Bin[] = [];
  for (let value = 0; value <= highest; value++) {
    const condition = `${expression} == ${value}`;
    const count = countOf(space.where(condition));
    if (count > 0n) bins.push({ low: value, high: value, count, condition });
  }
  return bins;
}

/** The most blocks for which `of` holds that any member has. */
export function deepest(space: CompiledSpace, of: (letter: string, stage: number) => boolean): number {
  const {
    dfa,
    base: {
      model: { alphabet },
    },
  } = space;
  const most = new Int32Array(dfa.states);
  const stageOf = new Int32Array(dfa.states);
  for (let state = 0; state < dfa.states; state++) {
    if (dfa.boundary[state]! > 0) stageOf[state] = dfa.boundary[state]!;
    for (
      let transition = dfa.firstTransition[state]!;
      transition < dfa.firstTransition[state + 1]!;
      transition++
    )
      stageOf[dfa.targets[transition]!] = Math.max(stageOf[dfa.targets[transition]!]!, stageOf[state]!);
  }
  for (let state = dfa.states - 1; state >= 0; state--) {
    for (
      let transition = dfa.firstTransition[state]!;
      transition < dfa.firstTransition[state + 1]!;
      transition++
    ) {
      const symbol = alphabet.symbols[dfa.symbols[transition]!]!;
      const own = symbol.kind === 'block' && of(symbol.block.letter, stageOf[state]!) ? 1 : 0;
      most[state] = Math.max(most[state]!, own + most[dfa.targets[transition]!]!);
    }
  }
  return most[0]!;
}

/** Members by number of blocks. @example blockHistogram(space, { letter: 'T' }) */
export function blockHistogram(space: CompiledSpace, { letter, stage }: BlockCount = {}): Bin[] {
  const args = [letter, stage].filter((given) => given !== undefined).join(', ');
  const expression = `${letter === undefined ? 'depth' : 'count'}${args === '' ? '' : `(${args})`}`;
  return integerBins(
    space,
    expression,
    deepest(
      space,
      (one, at) => (letter === undefined || one === letter) && (stage === undefined || at === stage),
    ),
  );
}

/** Members by asymmetry score: a bin for 0, then `bins` equal parts of 0..1. */
export function asymmetryHistogram(space: CompiledSpace, bins = 10): Bin[] {
  const all: Bin[] = [{ low: 0, high: 0, count: countOf(space.where('symmetric')), condition: 'symmetric' }];
  for (let index = 0; index < bins; index++) {
    const [low, high] = [index / bins, (index + 1) / bins];
    const condition = `asymmetry > ${low} and asymmetry <= ${high}`;
    all.push({ low, high, count: countOf(space.where(condition)), condition });
  }
  return all.filter(({ count }) => count > 0n);
}

/** Lowest and highest cost of any member under the structural conditions. */
export function costRange(
  space: CompiledSpace,
  measure: AdditiveMeasure,
): { readonly low: number; readonly high: number } {
  const { dfa } = space;
  const low = new Float64Array(dfa.states);
  const high = new Float64Array(dfa.states);
  for (let state = dfa.states - 1; state >= 0; state--) {
    if (dfa.firstTransition[state] === dfa.firstTransition[state + 1]) continue;
    [low[state], high[state]] = [Infinity, -Infinity];
    for (
      let transition = dfa.firstTransition[state]!;
      transition < dfa.firstTransition[state + 1]!;
      transition++
    ) {
      const cost = dfa.placementTable.costs[dfa.placements[transition]!]![measure];
      low[state] = Math.min(low[state]!, cost + low[dfa.targets[transition]!]!);
      high[state] = Math.max(high[state]!, cost + high[dfa.targets[transition]!]!);
    }
  }
  return { low: low[0]!, high: high[0]! };
}

/** Members by params or MACs, in equal bins between the lowest and the highest. */
export function costHistogram(space: CompiledSpace, measure: AdditiveMeasure, bins = 12): Bin[] {
  const range = costRange(space, measure);
  const binEdges = Array.from({ length: bins + 1 }, (_, index) =>
    Math.round(range.low + ((range.high - range.low) * index) / bins),
  );
  return Array.from({ length: bins }, (_, index): Bin => {
    const [low, high] = [binEdges[index]! + (index === 0 ? 0 : 1), binEdges[index + 1]!];
    const condition = `${measure} in ${low}..${high}`;
    return { low, high, count: high < low ? 0n : countOf(space.where(condition)), condition };
  }).filter(({ count }) => count > 0n);
}

/** `each` distinct members of every bin, or all of a bin that has fewer; uniform within a bin. */
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
