/** The Pareto front of a result, by names of quantities. */
import { type Objective, parseObjective } from '../analysis/objectives/objectives.js';
import { type FrontPoint, frontOf } from '../analysis/pareto/pareto-front.js';
import type { CandidateResult, ExperimentResult } from '../store/experiment-result.js';
import { UserError } from '../util/errors.js';

export interface Front {
  /** Networks on the front, by rising cost. */
  readonly front: readonly CandidateResult[];
  /** Every network that has both quantities, with its intervals and whether it is on the front. */
  readonly points: readonly (Omit<FrontPoint, 'index'> & { readonly candidate: CandidateResult })[];
  /** Networks whose intervals overlap in both quantities: the front does not tell them apart. */
  readonly ties: readonly (readonly CandidateResult[])[];
}

function namedObjective(text: string): Objective {
  const found = parseObjective(text);
  if (found) return found;
  throw new UserError(
    `front: a quantity must be one of those of docs/settings.md, got ${JSON.stringify(text)}`,
    {
      fix: 'e.g. top-1, params, macs, images-per-second@16, latency@1',
    },
  );
}

/**
 * The non-dominated networks under a score and a cost.
 * @param objectives names as of the setting `objectives`; default those of the experiment
 * @throws UserError for a name that is no quantity
 * @example paretoFront(readResults('results.sqlite'), ['top-1', 'macs']).front.map(({ layout }) => layout)
 */
export function paretoFront(
  result: Pick<ExperimentResult, 'candidates' | 'experiment'>,
  objectives: readonly string[] = result.experiment.objectives,
): Front {
  const [score, cost] = objectives;
  if (score === undefined || cost === undefined || objectives.length > 2)
    throw new UserError(`front: two quantities are needed, got ${JSON.stringify(objectives)}`);
  const { candidates } = result;
  const { front, points, ties } = frontOf(candidates, namedObjective(cost), namedObjective(score));
  return {
    front: front.map((index) => candidates[index]!),
    points: points.map(({ index, ...point }) => ({ ...point, candidate: candidates[index]! })),
    ties: ties.map((group) => group.map((index) => candidates[index]!)),
  };
}
