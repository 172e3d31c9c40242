/**
 * The settings of an experiment file, in the order in which they are best written. Adding a setting = its
 * file and its line here.
 */
import { baselineSetting } from './baseline-setting.js';
import { budgetSetting } from './budget-setting.js';
import { dataSetting } from './data-setting.js';
import { designSetting } from './design-setting.js';
import { devicesSetting } from './devices-setting.js';
import { factorsSetting } from './factors-setting.js';
import { fidelitiesSetting } from './fidelities-setting.js';
import { guideSetting } from './guide-setting.js';
import { historySetting } from './history-setting.js';
import { holdSetting } from './hold-setting.js';
import { initialSetting } from './initial-setting.js';
import { objectivesSetting } from './objectives-setting.js';
import { priorSetting } from './prior-setting.js';
import { profileSetting } from './profile-setting.js';
import { publishedSetting } from './published-setting.js';
import { questionSetting } from './question-setting.js';
import { relevanceSetting } from './relevance-setting.js';
import { ruleSetting } from './rule-setting.js';
import { runtimeSetting } from './runtime-setting.js';
import { sampleSetting } from './sample-setting.js';
import type { Setting } from './setting.js';
import { spaceSetting } from './space-setting.js';
import { stagesSetting } from './stages-setting.js';
import { stoppingSetting } from './stopping-setting.js';
import { strategySetting } from './strategy-setting.js';
import { trainSetting } from './train-setting.js';
import { whereSetting } from './where-setting.js';
import { workersSetting } from './workers-setting.js';
import { zeroCostSetting } from './zero-cost-setting.js';

export const settingTable: readonly Setting<unknown>[] = [
  spaceSetting,
  sampleSetting,
  strategySetting,
  whereSetting,
  budgetSetting,
  historySetting,
  devicesSetting,
  priorSetting,
  questionSetting,
  baselineSetting,
  factorsSetting,
  holdSetting,
  designSetting,
  ruleSetting,
  publishedSetting,
  dataSetting,
  trainSetting,
  stagesSetting,
  initialSetting,
  guideSetting,
  fidelitiesSetting,
  stoppingSetting,
  zeroCostSetting,
  profileSetting,
  relevanceSetting,
  objectivesSetting,
  runtimeSetting,
  workersSetting,
];
