/** The schemas of all tables, those first that others refer to. */
import type { TableSchema } from '../damage/sound-rows.js';
import { ablationArmSchema, ablationSchema } from '../tables/ablation-table.js';
import { architectureSchema } from '../tables/architecture-table.js';
import { classReportSchema } from '../tables/class-report-table.js';
import { dataSplitSchema } from '../tables/data-split-table.js';
import { deviceSchema } from '../tables/device-table.js';
import { epochSchema } from '../tables/epoch-table.js';
import { experimentSchema } from '../tables/experiment-table.js';
import { importedResultSchema } from '../tables/imported-result-table.js';
import { launchSchema } from '../tables/launch-table.js';
import { otherDeviceTimeSchema } from '../tables/other-device-time-table.js';
import { partTimeSchema } from '../tables/part-time-table.js';
import { planSchema } from '../tables/plan-table.js';
import { profileBatchSchema } from '../tables/profile-batch-table.js';
import { profileSchema } from '../tables/profile-table.js';
import { searchEventSchema } from '../tables/search-event-table.js';
import { sessionSchema } from '../tables/session-table.js';
import { supernetSchema, supernetScoreSchema } from '../tables/supernet-table.js';
import { testScoreSchema } from '../tables/test-score-table.js';
import { trainingSchema } from '../tables/training-table.js';
import { trialSchema } from '../tables/trial-table.js';
import { zeroCostSchema } from '../tables/zero-cost-table.js';

type AnySchema = TableSchema<Readonly<Record<string, unknown>>>;

export const tableSchemas = [
  experimentSchema,
  architectureSchema,
  deviceSchema,
  sessionSchema,
  trialSchema,
  planSchema,
  profileSchema,
  profileBatchSchema,
  trainingSchema,
  epochSchema,
  classReportSchema,
  dataSplitSchema,
  testScoreSchema,
  launchSchema,
  zeroCostSchema,
  partTimeSchema,
  searchEventSchema,
  ablationSchema,
  ablationArmSchema,
  supernetSchema,
  supernetScoreSchema,
  otherDeviceTimeSchema,
  importedResultSchema,
] as unknown as readonly AnySchema[];
