/** The arms that a path adds once its last step is decided. */
import { analyseAblation } from '../../../analysis/ablation/analyse-ablation.js';
import type { ExperimentResult } from '../../../store/experiment-result.js';
import type { Experiment } from '../../experiment.js';
import { distinctNetworks } from './ablation.js';

/**
 * The experiment with the arms that its results so far call for; undefined where all are planned.
 * @throws UserError where an arm cannot be built
 */
export function withNextArms(experiment: Experiment, result: ExperimentResult): Experiment | undefined {
  const { ablation } = experiment;
  if (ablation?.design.kind !== 'path' || ablation.design.keep === 'all') return undefined;
  const { kept } = analyseAblation(result)!;
  const arms = ablation.after(kept);
  if (arms.length <= ablation.arms.length) return undefined;
  return { ...experiment, ablation: { ...ablation, arms }, architectures: distinctNetworks(arms) };
}
