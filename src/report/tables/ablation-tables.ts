/** The tables of an ablation: its arms with tick marks, its effects, and the importance of its factors. */

import { differenceText, holdText, pText } from '../../analysis/ablation/ablation-sentences.js';
import type { AblationAnalysis, ArmResult, Effect } from '../../analysis/ablation/analyse-ablation.js';
import { armValues } from '../../analysis/ablation/arm-values.js';
import { functionalAnova } from '../../analysis/ablation/importance/functional-anova.js';
import { pedAnovaIntervals } from '../../analysis/ablation/importance/ped-anova.js';
import {
  type PermutationImportance,
  permutationImportance,
  permutationIntervals,
} from '../../analysis/ablation/importance/permutation-importance.js';
import { publishedValue, publishesArms } from '../../analysis/ablation/published-ranks.js';
import { fixedText, plusMinusText, significantText } from '../../analysis/number-text.js';
import { seededRandom } from '../../util/random.js';
import type { Interval } from '../../util/statistics/interval.js';
import { meanInterval } from '../../util/statistics/student.js';
import { costColumns } from './cost-columns.js';
import { type Cell, cell, type Table, tick, unknownText } from './table.js';

export function ablationTables(analysis: AblationAnalysis): readonly Table[] {
  const importance = importanceTable(analysis);
  return [armTable(analysis), effectTable(analysis), ...(importance ? [importance] : [])];
}

const unitText = (unit: string): string => (unit === '' ? '' : `, ${unit}`);

/** One row per arm: a tick for each change, costs, the response, and the difference where it has one. */
export function armTable(analysis: AblationAnalysis): Table {
  const { plan, arms, effects, response } = analysis;
  const { objective } = response;
  const hasChanges = effects.some(({ contrast }) => contrast.kind === 'change');
  const hasPublished = publishesArms(analysis);
  const hasIqm = arms.some(({ iqm }) => iqm !== undefined);
  const effectOf = new Map(
    effects.flatMap((effect) => {
      const [treated] = effect.contrast.pairs[0] ?? [];
      return effect.contrast.kind === 'change' && treated !== undefined ? [[treated, effect] as const] : [];
    }),
  );
  const costs = costColumns(analysis);
  const rows = arms.map((arm, index) => [
    cell(`${index === 0 ? 'baseline' : `${index}`}`),
    ...arm.levels.map((level, factor) => levelCell(level, plan.factors[factor]!.levels)),
    ...costs.map((cost) => cost.cell(arm)),
    responseCell(arm, analysis, effectOf.get(index)),
    ...(hasIqm ? [iqmCell(arm, analysis)] : []),
    ...(hasPublished ? [publishedCell(arm, analysis)] : []),
    ...(hasChanges ? [differenceCell(effectOf.get(index), analysis)] : []),
  ]);
  const hasText = (part: string): boolean => rows.some((row) => row.some(({ text }) => text.includes(part)));
  return {
    caption: sentence([capital(plan.question), `Baseline ${plan.baseline}.`, capital(holdText(plan))]),
    columns: [
      { title: 'arm', align: 'l' },
      ...plan.factors.map(({ name, levels }) => ({
        title: levels.length === 2 ? `${name} = ${levels[1]}` : name,
        align: 'c' as const,
      })),
      ...costs.map(({ column }) => column),
      { title: `${objective.short}${unitText(objective.unit)}`, align: 'r' },
      ...(hasIqm ? [{ title: `IQM${unitText(objective.unit)}`, align: 'r' as const }] : []),
      ...(hasPublished ? [{ title: `published ${objective.short}`, align: 'r' as const }] : []),
      ...(hasChanges ? [{ title: `difference${unitText(response.unit)}`, align: 'r' as const }] : []),
    ],
    rows,
    notes: [
      response.kind === 'score'
        ? 'The value is a mean over seeds with its 95 % interval.'
        : 'The value is a geometric mean over launches.',
      ...costs.flatMap(({ notes }) => notes),
      ...(hasIqm ? ['IQM: mean of the middle half of the runs, 95 % stratified bootstrap.'] : []),
      ...(hasChanges
        ? [
            'Bold: the difference is real at the level of the plan, corrected for all comparisons.',
            '= marks a tie: no difference is established.',
          ]
        : []),
      ...(hasText(' [open]') ? ['[open]: too few seeds to bound the difference.'] : []),
      ...(rows.some((row) => row.some(({ text }) => text === '?'))
        ? ['? marks a published value that is unknown.']
        : []),
    ],
  };
}

function levelCell(level: number, levels: readonly string[]): Cell {
  if (levels.length > 2) return cell(levels[level]!);
  return cell(level === 1 ? tick : unknownText);
}

function responseCell(arm: ArmResult, { response }: AblationAnalysis, effect: Effect | undefined): Cell {
  if (arm.mean === undefined) return cell(unknownText);
  const { objective, kind, sign } = response;
  const isBetter = effect?.isReal === true && sign * (effect.difference?.value ?? 0) > 0;
  const interval =
    kind === 'score' ? meanInterval([...armValues(arm.candidate, response).values()]) : undefined;
  const text = interval
    ? plusMinusText(interval, objective.scale)
    : significantText(arm.mean * objective.scale);
  return cell(text, isBetter);
}

const iqmCell = ({ iqm }: ArmResult, { response }: AblationAnalysis): Cell =>
  cell(iqm ? plusMinusText(iqm, response.objective.scale) : unknownText);

/** `?`: the paper has no such arm, or its value is not known. */
function publishedCell({ name }: ArmResult, analysis: AblationAnalysis): Cell {
  const value = publishedValue(analysis, name);
  return cell(value === undefined ? '?' : String(value));
}

function differenceCell(effect: Effect | undefined, analysis: AblationAnalysis): Cell {
  if (!effect) return cell(unknownText);
  if (effect.refused !== undefined) return cell('not compared');
  if (!effect.difference) return cell(unknownText);
  const text = differenceText(effect, analysis)
    .replace(/, interval not bounded yet$/, ' [open]')
    .replace(/ (points|%)(?=$| \[open\])/, '');
  return cell(effect.isReal ? text : `${text} =`, effect.isReal === true);
}

/** One row per effect with everything that a reviewer asks for. */
export function effectTable(analysis: AblationAnalysis): Table {
  const { effects, response, plan } = analysis;
  return {
    caption: sentence([`Effects on ${response.objective.short}: ${plan.question}`, capital(holdText(plan))]),
    columns: [
      { title: 'change', align: 'l' },
      { title: 'against', align: 'l' },
      { title: `difference${unitText(response.unit)}`, align: 'r' },
      { title: 'effect size', align: 'r' },
      { title: 'P(improvement)', align: 'r' },
      { title: 'p', align: 'r' },
      { title: 'verdict', align: 'l' },
    ],
    rows: effects.map((effect) => [
      cell(effect.name),
      cell(effect.against),
      differenceCell(effect, analysis),
      cell(intervalText(effect.effectSize, 1)),
      cell(intervalText(effect.improvement, 2)),
      cell(effect.decision ? pText(effect.decision.p).replace('p = ', '').replace('p ', '') : unknownText),
      cell(verdictText(effect)),
    ]),
    notes: [
      plan.rule.looks === 'any-time'
        ? 'Intervals of 95 % are valid at every look.'
        : 'Intervals are 95 % Student t intervals of paired differences.',
      `p is ${plan.design.kind === 'path' ? 'Bonferroni' : 'Holm'}-adjusted; ` +
        "effect size is Hedges' g of the pairs.",
    ],
  };
}

function verdictText({ contrast, refused, decision, kept }: Effect): string {
  if (refused !== undefined) return refused;
  if (!decision) return 'not measured yet';
  if (contrast.kind === 'interaction') return decision.verdict === 'not decided' ? 'not decided' : 'interact';
  const step = kept ? ', kept' : ', left out';
  return `${decision.verdict}${kept === undefined ? '' : step}`;
}

function intervalText(interval: Interval | undefined, decimals: number): string {
  if (!interval) return unknownText;
  const [value, low, high] = [interval.value, interval.low, interval.high].map((each) =>
    fixedText(each, decimals),
  );
  return `${value} [${low}, ${high}]`;
}

/** Importance by factor; functional ANOVA where the design is a full grid. Undefined with too few runs. */
export function importanceTable({ plan, rows }: AblationAnalysis): Table | undefined {
  const isGrid = plan.design.kind === 'full-factorial';
  if (!plan.design.kind.endsWith('factorial') || rows.length < 8) return undefined;
  const random = seededRandom(`importance/${plan.question}`);
  const levelCounts = plan.factors.map(({ levels }) => levels.length);
  const cells = new Set(rows.map(({ levels }) => levels.join())).size;
  const complete = isGrid && cells === levelCounts.reduce((product, count) => product * count, 1);
  const shares = complete ? functionalAnova(rows, levelCounts, random) : [];
  const divergences = pedAnovaIntervals(rows, random);
  const permuted = isGrid ? permutationImportance(rows, random) : undefined;
  const bounds = isGrid ? permutationIntervals(rows, random) : undefined;
  const mains = plan.factors.map(({ name }, factor) => {
    const share = shares.find(({ factors }) => factors.length === 1 && factors[0] === factor)?.share;
    const permutation = permuted?.[factor];
    return [
      cell(name),
      cell(share?.unknown ? fixedText(share.value, 2) : intervalText(share, 2)),
      cell(intervalText(divergences[factor], 2)),
      cell(permutation ? permutationText(permutation, bounds?.[factor]) : unknownText),
    ];
  });
  const pairs = shares
    .filter(({ factors }) => factors.length === 2)
    .map(({ factors, share }) => [
      cell(factors.map((factor) => plan.factors[factor]!.name).join(' × ')),
      cell(share.unknown ? fixedText(share.value, 2) : intervalText(share, 2)),
      cell(unknownText),
      cell(unknownText),
    ]);
  return {
    caption: 'Importance of the factors.',
    columns: [
      { title: 'factor', align: 'l' },
      { title: 'variance share (fANOVA)', align: 'r' },
      { title: 'PED-ANOVA', align: 'r' },
      { title: 'permutation', align: 'r' },
    ],
    rows: [...mains, ...pairs],
    notes: [
      'Intervals are 95 % by resampling seeds.',
      'Permutation: share of the variance beyond that of levels exchanged at random.',
    ],
  };
}

const permutationText = ({ value, p }: PermutationImportance, bounds: Interval | undefined): string => {
  const [low, high] = [bounds?.low ?? value, bounds?.high ?? value].map((each) => fixedText(each, 2));
  return `${fixedText(value, 2)}${bounds ? ` [${low}, ${high}]` : ''} (${pText(p)})`;
};

/** A sentence of its own; a question keeps its mark. */
function capital(text: string): string {
  if (text === '') return '';
  return `${text[0]!.toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`;
}
const sentence = (parts: readonly string[]): string => parts.filter((part) => part !== '').join(' ');
