/** The tables and who describes them: one file per table. */
import type { ArchitectureRow } from './tables/architecture.js';
import type { ClassReportTable } from './tables/class-report.js';
import type { DataSplitTable } from './tables/data-split.js';
import type { DeviceRow } from './tables/device.js';
import type { EpochTable } from './tables/epoch.js';
import type { ExperimentRow } from './tables/experiment.js';
import type { LaunchTable } from './tables/launch.js';
import type { PartTimeTable } from './tables/part-time.js';
import type { PlanRow } from './tables/plan.js';
import type { ProfileTable } from './tables/profile.js';
import type { ProfileBatchRow } from './tables/profile-batch.js';
import type { SessionTable } from './tables/session.js';
import type { TestScoreTable } from './tables/test-score.js';
import type { TrainingTable } from './tables/training.js';
import type { TrialRow } from './tables/trial.js';
import type { ZeroCostTable } from './tables/zero-cost.js';

export interface Schema {
  experiment: ExperimentRow;
  architecture: ArchitectureRow;
  device: DeviceRow;
  session: SessionTable;
  trial: TrialRow;
  plan: PlanRow;
  profile: ProfileTable;
  profile_batch: ProfileBatchRow;
  training: TrainingTable;
  epoch: EpochTable;
  launch: LaunchTable;
  part_time: PartTimeTable;
  class_report: ClassReportTable;
  data_split: DataSplitTable;
  test_score: TestScoreTable;
  zero_cost: ZeroCostTable;
}
