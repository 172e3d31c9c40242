/**
 * The programming interface (`import … from 'stagecraft'`): spaces, blocks, costs, measurement, training,
 * results and their analysis. `docs/library.md` has an example of each. Nothing is computed at import; what
 * measures or trains starts child processes.
 */
export { type Objective, parseObjective } from '../analysis/objectives/objectives.js';
export { type Conclusions, conclusionsOf } from '../analysis/summary/conclusions.js';
export { type CallValue, call, type DesignValues } from '../lab/design-terms.js';
export type { Experiment } from '../lab/experiment.js';
export type { ExperimentValues } from '../lab/experiment-builder.js';
export type { RunEvent } from '../lab/run/run-event.js';
export { type SolveOptions, solveCost } from '../lab/settings/ablation/solve-cost.js';
export { writeReport } from '../report/write-report.js';
export { loadBlocks } from '../runtime/load-blocks.js';
export * from '../space/api.js';
export type { CandidateResult, ExperimentResult } from '../store/experiment-result.js';
export { DiagnosticError, InterruptedError, UserError } from '../util/errors.js';
export { bootstrapInterval } from '../util/statistics/bootstrap.js';
export { holmAdjusted } from '../util/statistics/holm.js';
export type { Estimate, Interval } from '../util/statistics/interval.js';
export { meanInterval } from '../util/statistics/student.js';
export { wilsonInterval } from '../util/statistics/wilson.js';
export * from './blocks.js';
export { comparePairs } from './compare-pairs.js';
export { costOf } from './cost-of.js';
export { type Front, paretoFront } from './pareto-front.js';
export { experimentsIn, readResults, type StoredExperimentName } from './results.js';
export {
  experimentOf,
  openExperiment,
  type ProfileOptions,
  profile,
  type RunOptions,
  type RuntimeOptions,
  runExperiment,
  type TrainOptions,
  train,
} from './run.js';
