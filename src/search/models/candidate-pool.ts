/**
 * The candidates among which a model chooses: every member of a small space, else draws, mixes and moves
 * around the front, drawn anew as the history grows. A function of the first arrivals and of a random stream.
 */
import { frontIndices } from '../../util/pareto/front.js';
import type { Random } from '../../util/random.js';
import type { Candidate, SearchSpace } from '../candidate.js';
import type { Evaluated } from '../history.js';
import { FeatureReader, type FeatureTable, featureTable, grouped } from './features.js';

export interface CandidatePool<V> {
  readonly candidates: readonly Candidate<V>[];
  readonly reader: FeatureReader<V>;
  readonly features: FeatureTable;
  /** Exactly known costs by name, `[candidate]`. */
  readonly exact: Readonly<Record<string, Float64Array>>;
  readonly positions: ReadonlyMap<string, number>;
}

/** Most candidates drawn from a space that is too large to list. */
const DRAWN = 1500;

export function candidatePool<V>(
  space: SearchSpace<V>,
  size: number,
  evaluated: readonly Evaluated<V>[],
  random: Random,
): CandidatePool<V> {
  const found = new Map<string, Candidate<V>>();
  const add = (candidate: Candidate<V>): void => {
    if (!found.has(candidate.key)) found.set(candidate.key, candidate);
  };
  if (isListed(space, size)) for (const candidate of space.enumerate()) add(candidate);
  else drawAround(space, Math.min(size, DRAWN), evaluated, random, add);
  const candidates = [...found.values()];
  const reader = new FeatureReader(space, candidates[0]!);
  const exact = candidates.map((candidate) => space.exact(candidate));
  return {
    candidates,
    reader,
    features: grouped(
      featureTable(
        reader.dimensions,
        candidates.map((candidate) => reader.of(candidate)),
      ),
    ),
    exact: Object.fromEntries(
      Object.keys(exact[0]!).map((name) => [name, Float64Array.from(exact, (costs) => costs[name]!)]),
    ),
    positions: new Map(candidates.map(({ key }, at) => [key, at])),
  };
}

/** Whether the pool is the whole space. */
export const isListed = (space: SearchSpace, size: number): boolean =>
  space.size !== undefined && space.size <= BigInt(size);

function drawAround<V>(
  space: SearchSpace<V>,
  size: number,
  evaluated: readonly Evaluated<V>[],
  random: Random,
  add: (candidate: Candidate<V>) => void,
): void {
  const elite = frontIndices(evaluated.map(({ each }) => each[0]!)).map(
    (index) => evaluated[index]!.candidate,
  );
  for (let draw = 0; draw < size; draw++) {
    const parent = elite.length > 0 ? elite[random.integer(elite.length)]! : undefined;
    if (draw % 4 === 0 || !parent) add(space.sample(random));
    else if (draw % 4 === 1) add(space.crossover(parent, elite[random.integer(elite.length)]!, random));
    else {
      let child = space.mutate(parent, random);
      for (let step = random.integer(3); step > 0; step--) child = space.mutate(child, random);
      add(child);
    }
  }
}
