/**
 * An experiment: every setting of an experiment file checked and completed with defaults. Its id is a hash of
 * the resolved settings: comments and spelling do not count, and any change of meaning is another experiment.
 * Two experiments share the trials that both ask for.
 */
import type { Architecture } from '../architecture/architecture.js';
import type { Constraint } from '../search/objective.js';
import type { CompiledSpace } from '../space/compiled-space.js';
import type { Fidelity } from '../train/recipe/training-fidelity.js';
import type { Diagnostic } from '../util/errors.js';
import type { SearchBudget } from './search/search-budget.js';
import type { Ablation } from './settings/ablation/ablation.js';
import type { DataSetting } from './settings/data-setting.js';
import type { DevicesSetting } from './settings/devices-setting.js';
import type { HistorySetting } from './settings/history-setting.js';
import type { InitialWeights } from './settings/initial-setting.js';
import type { PriorSetting } from './settings/prior-setting.js';
import type { ProfileSetting } from './settings/profile-setting.js';
import type { RuntimeSetting } from './settings/runtime-setting.js';
import type { StoppingSetting } from './settings/stopping-setting.js';
import type { StrategySetting } from './settings/strategy-setting.js';
import type { TrainSetting } from './settings/train-setting.js';
import type { WorkersSetting } from './settings/workers-setting.js';
import type { ZeroCostSetting } from './settings/zero-cost-setting.js';

export interface Training extends DataSetting, TrainSetting {
  /** Weights that every training starts from. */
  readonly initial?: InitialWeights;
  /** The network that recipes with guidance align with. */
  readonly guide?: Architecture;
  /** Cheaper trainings, beside the full ones. */
  readonly fidelities?: readonly Fidelity[];
  /** Scores of the untrained networks. */
  readonly zeroCost?: ZeroCostSetting;
  /** Ends full trainings early. */
  readonly stopping?: StoppingSetting;
}

/** What looks for networks instead of a sample. */
export interface NetworkSearch extends StrategySetting {
  readonly budget: SearchBudget;
  /** With the exact constraints: every member keeps them. */
  readonly space: CompiledSpace;
  /** Bounds of measured quantities. */
  readonly constraints: readonly Constraint[];
  /** Results of earlier searches. */
  readonly history?: HistorySetting;
  /** Other devices whose times are objectives, too. */
  readonly elsewhere?: DevicesSetting;
  /** What the user believes about letters. */
  readonly prior?: PriorSetting;
}

export interface Experiment {
  readonly id: string;
  readonly name: string;
  /** The experiment file; of a command, the file that states the same. */
  readonly text: string;
  readonly spaceText: string;
  /** Decimal. */
  readonly spaceCount: string;
  /** Distinct, in the order in which they are measured. */
  readonly architectures: readonly Architecture[];
  /** Chooses networks as results arrive; `architectures` is then empty. */
  readonly search?: NetworkSearch;
  readonly profile?: ProfileSetting;
  /** Relative difference of two times below which networks count as the same. */
  readonly relevance: number;
  readonly train?: Training;
  /** Networks are then its arms. */
  readonly ablation?: Ablation;
  readonly objectives: readonly string[];
  readonly runtime: RuntimeSetting;
  readonly workers: WorkersSetting;
  /** Paths of data are relative to it. */
  readonly baseFolder: string;
  readonly warnings: readonly Diagnostic[];
  /** Of an experiment that a command built: texts of the options that warnings point into. */
  readonly optionTexts?: ReadonlyMap<string, string>;
}
