/** `design one-at-a-time`: which combinations of changes an ablation runs. */
import type { AblationPlan } from '../../store/ablation-plan.js';
import { assertAblation } from './question-setting.js';
import { readCall } from './read-terms.js';
import type { CallTables, Setting } from './setting.js';

export type DesignSetting = AblationPlan['design'];

const designCalls = {
  'one-at-a-time': {},
  'leave-one-out': {},
  'full-factorial': {},
  'fractional-factorial': {
    halvings: { kind: 'int', min: 1, max: 10, default: 1, doc: 'each halves the number of arms' },
  },
  path: {
    keep: {
      kind: 'choice',
      oneOf: ['supported', 'higher', 'all'],
      default: 'supported',
      doc: 'changes that the next step starts from: supported by the rule, higher in their estimate, or all',
    },
  },
} as const satisfies CallTables;

export const designSetting: Setting<DesignSetting> = {
  keyword: 'design',
  summary: `combinations of an ablation: ${Object.keys(designCalls).join(', ')}`,
  example: 'design  path(keep: supported)',
  reference: 'Default: `one-at-a-time`. A path makes the changes in the order of the factors.',
  calls: designCalls,
  callDocs: {
    'one-at-a-time': 'each change alone against the baseline',
    'leave-one-out': 'all changes together, and all but one',
    'full-factorial': 'every combination, with interactions',
    'fractional-factorial': 'a balanced share of the combinations',
    path: 'changes in the order of the factors, each from what the step before kept',
  },
  read(source, context) {
    if (!source) return { kind: 'one-at-a-time' };
    assertAblation(source, context);
    const read = readCall(source, designCalls, context.diagnostics);
    if (!read) return undefined;
    return { kind: read.call.name, ...read.values } as DesignSetting;
  },
  meaning: (design) => (design && design.kind !== 'one-at-a-time' ? { design } : {}),
};
