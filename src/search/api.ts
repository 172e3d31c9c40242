/**
 * The programming interface of searches (`import … from 'stagecraft/search'`), for evaluators of one's own:
 * open a study, ask for trials, tell their results. Proposals are a function of settings, seed and log, so a
 * study that is opened again with its log continues as if it had never ended. No engine, database or file is
 * touched.
 */
export { hypervolume } from '../util/pareto/directed.js';
export { frontIndices, nonDominatedRanks } from '../util/pareto/front.js';
export { hypervolumeOf, referencePoint } from '../util/pareto/hypervolume.js';
export { type Random, seededRandom } from '../util/random.js';
export type { Candidate, Gene, SearchSpace } from './candidate.js';
export { type DriveOptions, driveSearch } from './drive-search.js';
export { type EarlierResults, earlierResults } from './earlier-results.js';
export type { Evaluated, History, SearchEvent, Trial } from './history.js';
export type { Constraint, SearchObjective } from './objective.js';
export { openStudy, type StudyOptions, studyFront, studyHypervolume } from './open-study.js';
export { frontMembership, type Membership, pooledNoise } from './racing/front-membership.js';
export {
  type Cell,
  type CellSpaceOptions,
  type CellStep,
  cellSpace,
  NASNET_OPERATIONS,
} from './spaces/cell-space.js';
export { type ChoiceSpaceOptions, choiceSpace } from './spaces/choice-space.js';
export { type Derivation, type DerivationSpaceOptions, derivationSpace } from './spaces/derivation-space.js';
export { layoutSpace } from './spaces/layout-space.js';
export { type AutoChoice, autoChoice } from './strategies/auto.js';
export type {
  AnyStrategy,
  GenePrior,
  Proposal,
  Proposer,
  Strategy,
  StrategyContext,
} from './strategy.js';
export { type StrategyName, strategies } from './strategy-table.js';
export { type EarlierResult, Study, type StudySettings } from './study.js';
export { type StudyDevices, type StudyStanding, studyDevices } from './study-devices.js';
export { type BenchmarkTable, evaluateFromTable, type TableRun } from './tables/benchmark-table.js';
export {
  type ComparedStrategy,
  compareStrategies,
  type StrategyComparison,
  type StrategyComparisonOptions,
} from './tables/compare-strategies.js';
export { csvTable } from './tables/csv-table.js';
export { nasBenchMacro } from './tables/nas-bench-macro.js';
export { type PlantedOptions, type PlantedTable, plantedTable } from './tables/planted-table.js';
export { readTable, usualObjectives } from './tables/read-table.js';
export { type Simulation, type SimulationSettings, simulateSearch } from './tables/simulated-search.js';
