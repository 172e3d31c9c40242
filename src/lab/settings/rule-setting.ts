/** `rule better(by: 0.005)`: when a change counts, decided before the first trial. */
import type { DecisionRule } from '../../analysis/ablation/decision/decision-rule.js';
import { comparisonsOf, designFor } from '../../analysis/ablation/designs/design-table.js';
import { fewestAnyTime } from '../../analysis/ablation/effects/mean-test.js';
import type { Span } from '../../util/errors.js';
import type { ParamTable } from '../../util/params.js';
import { designSetting } from './design-setting.js';
import { factorsSetting } from './factors-setting.js';
import { objectivesSetting } from './objectives-setting.js';
import { assertAblation } from './question-setting.js';
import { readCall } from './read-terms.js';
import type { ReadContext, Setting } from './setting.js';
import { trainSetting } from './train-setting.js';

const common = {
  by: {
    kind: 'number',
    min: 0,
    max: 1e9,
    default: 0,
    doc: 'margin of the claim: a fraction for scores (0.01 is a point) and for times and throughputs',
  },
  of: {
    kind: 'choice',
    oneOf: ['any', 'all'],
    default: 'any',
    doc: 'whether the question is answered by any change or by all',
  },
  level: {
    kind: 'number',
    min: 1e-6,
    max: 0.5,
    default: 0.05,
    doc: 'chance of a false verdict among all comparisons together',
  },
  looks: {
    kind: 'choice',
    oneOf: ['any-time', 'once'],
    default: 'any-time',
    doc: 'any-time: valid however often one looks, and seeds may be added; once: after all seeds',
  },
  'effect-variance': {
    kind: 'number',
    min: 1e-3,
    max: 1e3,
    default: 1,
    doc: 'of the effect size that any-time intervals are narrowest for',
  },
} as const satisfies ParamTable;

const ruleCalls = { better: common, worse: common, equal: common };

const standard: DecisionRule = {
  claim: 'better',
  by: 0,
  of: 'any',
  level: 0.05,
  looks: 'any-time',
  effectVariance: 1,
};

export const ruleSetting: Setting<DecisionRule> = {
  keyword: 'rule',
  summary: 'when a change of an ablation counts: better(by: 0.005, of: any), worse, equal',
  example: 'rule  better(by: 0.005)',
  reference:
    'Default: `better(by: 0)`. The claim is about the first objective, of each change against what it is ' +
    'compared with. Verdicts are corrected for the number of comparisons (Holm).',
  calls: ruleCalls,
  callDocs: {
    better: 'the change improves the first objective by more than the margin',
    worse: 'the change worsens it by more than the margin',
    equal: 'the change moves it by less than the margin',
  },
  read(source, context) {
    if (!source) return standard;
    assertAblation(source, context);
    const { diagnostics } = context;
    const read = readCall(source, ruleCalls, diagnostics);
    if (!read) return undefined;
    const { 'effect-variance': effectVariance, ...values } = read.values;
    const claim = read.call.name as DecisionRule['claim'];
    warnOfFewSeeds(read.values as Readonly<Record<string, never>>, read.call.span, context);
    if (claim === 'equal' && values['by'] === 0)
      return diagnostics.error(read.call.span, 'rule: equal needs a margin, got by: 0', 'equal(by: 0.01)');
    const response = context.get(objectivesSetting)?.[0];
    const by = Number(values['by']);
    if ((response === 'top-1' || response === 'miou') && by >= 1)
      return diagnostics.error(
        read.call.span,
        `rule: by must be a fraction of ${response} below 1, got ${by}`,
        `${by} points are by: ${by / 100}`,
      );
    return { claim, ...values, effectVariance: Number(effectVariance) } as DecisionRule;
  },
  meaning: (rule) => (rule && rule !== standard ? { rule } : {}),
};

/** With too few seeds nothing can be decided, whatever the results. */
function warnOfFewSeeds(
  { looks, level, 'effect-variance': effectVariance }: Readonly<Record<string, never>>,
  span: Span,
  context: ReadContext,
): void {
  const [factors, design] = [context.get(factorsSetting), context.get(designSetting)];
  const seeds = context.get(trainSetting)?.seeds.length;
  if (looks !== 'any-time' || !factors || !design || seeds === undefined) return;
  const levelCounts = factors.map(({ levels }) => levels.length + 1);
  let comparisons: number;
  try {
    const planned = designFor(design, levelCounts);
    const changes = planned.contrasts.filter(({ kind }) => kind !== 'interaction');
    comparisons = comparisonsOf(design, levelCounts, { ...planned, contrasts: changes });
  } catch (error) {
    if (error instanceof RangeError) return; // reported where the arms are built
    throw error;
  }
  const fewest = fewestAnyTime(Number(level) / comparisons, Number(effectVariance));
  if (seeds < fewest)
    context.diagnostics.warning(
      span,
      `rule: any-time looks at ${comparisons} comparison${comparisons === 1 ? '' : 's'} decide nothing ` +
        `below ${fewest} seeds, got ${seeds}`,
    );
}
