/** `stopping RULE(…)`: early stopping of full trainings. */
import { type StoppingRuleName, stoppingRules } from '../../search/stopping/stopping-rules.js';
import type { ParamValues } from '../../util/params.js';
import { readCall } from './read-terms.js';
import { callDocs, callTables, type Setting } from './setting.js';

export interface StoppingSetting {
  readonly rule: StoppingRuleName;
  readonly params: ParamValues;
}

const ruleCalls = callTables(stoppingRules);

export const stoppingSetting: Setting<StoppingSetting> = {
  keyword: 'stopping',
  summary: `early stopping of trainings by a rule: ${Object.keys(stoppingRules).join(', ')}`,
  example: 'stopping  halving(reduction: 2, first: 1)',
  reference: 'Default: every training runs to its last epoch. A stopped training is a row with its reason.',
  calls: ruleCalls,
  callDocs: callDocs(stoppingRules),
  needs: 'train',
  read(source, { diagnostics }) {
    const read = source && readCall(source, ruleCalls, diagnostics);
    return read && { rule: read.call.name as StoppingRuleName, params: read.values };
  },
  meaning: (stopping) => (stopping ? { stopping } : {}),
};
