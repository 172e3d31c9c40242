/** Values of an objective over a list of candidates, read once: fronts and figures ask for the same. */
import type { CandidateResult } from '../../store/experiment-result.js';
import type { Interval } from '../../util/statistics/interval.js';
import type { Objective } from './objectives.js';

type Values = readonly (Interval | undefined)[];

/** By what reads them: objects of one objective share it. */
const known = new WeakMap<readonly CandidateResult[], Map<Objective['read'], Values>>();

/** By candidate position. */
export function objectiveValues(
  candidates: readonly CandidateResult[],
  { read }: Pick<Objective, 'read'>,
): Values {
  const ofList = known.get(candidates) ?? new Map<Objective['read'], Values>();
  known.set(candidates, ofList);
  const values = ofList.get(read) ?? candidates.map((candidate) => read(candidate));
  ofList.set(read, values);
  return values;
}
