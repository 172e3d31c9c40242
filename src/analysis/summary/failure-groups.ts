/** Failures of a result by their reason. */
import type { CandidateResult, ExperimentResult } from '../../store/experiment-result.js';

export interface FailureGroup {
  /** `train: diverged – loss is NaN at step 214`. */
  readonly text: string;
  /** Failed jobs with this reason. */
  readonly count: number;
  /** Distinct, in the order of the candidates. */
  readonly layouts: readonly string[];
}

/** A candidate with failures that has neither a score nor a measured time; the others failed in part. */
export const failedWholly = ({
  failures,
  scores,
  profiles,
}: Pick<CandidateResult, 'failures' | 'scores' | 'profiles'>): boolean =>
  failures.length > 0 && scores.length === 0 && profiles.every(({ stepMs }) => stepMs === undefined);

/** The most frequent first; empty without failures. */
export function failureGroups({ candidates }: Pick<ExperimentResult, 'candidates'>): FailureGroup[] {
  const groups = new Map<string, { count: number; layouts: Set<string> }>();
  for (const { layout, failures } of candidates)
    for (const { job, status, reason, batch } of failures) {
      const where = batch === undefined ? job : `${job} at batch ${batch}`;
      const text = `${where}: ${status}${reason ? ` – ${reason}` : ''}`;
      const group = groups.get(text) ?? { count: 0, layouts: new Set<string>() };
      group.count += 1;
      group.layouts.add(layout);
      groups.set(text, group);
    }
  return [...groups]
    .map(([text, { count, layouts }]) => ({ text, count, layouts: [...layouts] }))
    .sort((a, b) => b.count - a.count);
}
