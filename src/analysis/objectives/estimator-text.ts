/** The estimator of step times in words: `the lower decile`. All times of a result have the same. */
import { type EstimatorName, estimatorLabels, unnamedEstimator } from '../../profile/protocol/estimators.js';
import type { ExperimentResult } from '../../store/experiment-result.js';

export function estimatorText({ candidates }: Pick<ExperimentResult, 'candidates'>): string {
  const measured = candidates.flatMap(({ profiles }) => profiles).find(({ stepMs }) => stepMs !== undefined);
  const name = measured?.estimator ?? unnamedEstimator;
  return estimatorLabels[name as EstimatorName] ?? `the estimator ${JSON.stringify(name)}`;
}
