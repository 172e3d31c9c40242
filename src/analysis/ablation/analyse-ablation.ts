/**
 * What an ablation found: each effect with its interval and verdict, the importance of factors, and the
 * answer to the question. A comparison at unequal cost is refused, with the reason.
 */
import { mean } from 'simple-statistics';
import type { AblationPlan } from '../../store/ablation-plan.js';
import type { CandidateResult, ExperimentResult } from '../../store/experiment-result.js';
import { type Random, seededRandom } from '../../util/random.js';
import type { Estimate, Interval } from '../../util/statistics/interval.js';
import { type ArmValues, armValues, costRefusal, type Response, responseOf } from './arm-values.js';
import { type Decision, decide, overallVerdict, type Verdict } from './decision/decision-rule.js';
import type { Contrast, Design } from './designs/design.js';
import { comparisonsOf, designFor } from './designs/design-table.js';
import { pathLength } from './designs/path.js';
import { pairedEffectSize } from './effects/effect-size.js';
import { type MeanTest, meanTest } from './effects/mean-test.js';
import {
  interquartileMean,
  probabilityOfImprovement,
  stratifiedBootstrap,
} from './effects/rliable-measures.js';
import type { FactorRow } from './importance/factor-rows.js';

export interface ArmResult {
  readonly name: string;
  readonly levels: readonly number[];
  readonly candidate: CandidateResult;
  /** Runs with a value. */
  readonly runs: number;
  /** Mean over runs, in the response's unit; geometric for times and throughputs. */
  readonly mean: number | undefined;
  /** Interquartile mean with its stratified bootstrap interval; from four runs. */
  readonly iqm: Interval | undefined;
}

export interface Effect {
  readonly contrast: Contrast;
  /** e.g. `C = mbconv`. */
  readonly name: string;
  /** What it is compared with, e.g. `baseline`. */
  readonly against: string;
  /** Why it is not compared; the fields below are then absent. */
  readonly refused?: string;
  /** One a seed or launch that every arm has, treated less control, in the response's unit. */
  readonly differences: readonly number[];
  /** 95 % of this comparison alone, by the rule's kind of looks; infinite where nothing can be said yet. */
  readonly difference?: Estimate;
  readonly effectSize?: Estimate | undefined;
  /** P(treated is better), over settings that both share. */
  readonly improvement?: Interval | undefined;
  readonly decision?: Decision;
  /** Whether it differs from none at all, corrected as the verdicts are. */
  readonly isReal?: boolean;
  /** Of a step on a path: whether the next step starts from it. */
  readonly kept?: boolean;
}

export interface AblationAnalysis {
  readonly plan: AblationPlan;
  readonly response: Response;
  readonly arms: readonly ArmResult[];
  readonly effects: readonly Effect[];
  readonly verdict: Verdict;
  /** Runs by factor levels, for importance; higher merit is better. */
  readonly rows: readonly FactorRow[];
  /** Decisions of a path so far. */
  readonly kept: readonly boolean[];
  /** Standard deviation of one paired difference, pooled over effects; undefined without scatter. */
  readonly deviation: number | undefined;
}

interface Context {
  readonly plan: AblationPlan;
  readonly response: Response;
  readonly candidates: readonly CandidateResult[];
  readonly values: readonly ArmValues[];
  readonly random: Random;
}

/** Headline, section and figure of a page ask for the same analysis. */
const known = new WeakMap<ExperimentResult, AblationAnalysis>();

/** Undefined where the result is of no ablation. Deterministic; computed once for a result. */
export function analyseAblation(result: ExperimentResult): AblationAnalysis | undefined {
  const found = known.get(result) ?? analysisOf(result);
  if (found) known.set(result, found);
  return found;
}

function analysisOf(result: ExperimentResult): AblationAnalysis | undefined {
  const { ablation, candidates } = result;
  if (!ablation) return undefined;
  const { plan } = ablation;
  const response = responseOf(plan, result);
  const values = candidates.map((candidate) => armValues(candidate, response));
  const random = seededRandom(`ablation/${result.experiment.id}`);
  const context: Context = { plan, response, candidates, values, random };
  const { effects, kept } = effectsOf(context);
  const claims = effects.filter(({ contrast }) => contrast.kind !== 'interaction');
  return {
    plan,
    response,
    effects,
    kept,
    arms: ablation.arms.map(({ name, levels }, index) => armResult(name, levels, index, context)),
    verdict: overallVerdict(
      plan.rule,
      claims.map(({ decision }) => decision?.verdict ?? 'not decided'),
    ),
    rows: ablation.arms.flatMap(({ levels }, index) =>
      [...(values[index] ?? [])].map(([seed, value]) => ({ levels, merit: response.sign * value, seed })),
    ),
    deviation: pooledDeviation(claims),
  };
}

function armResult(
  name: string,
  levels: readonly number[],
  index: number,
  { candidates, values, response, random }: Context,
): ArmResult {
  const runs = [...(values[index]?.values() ?? [])];
  const shown = response.kind === 'log-rate' ? (value: number) => Math.exp(value) : (value: number) => value;
  const iqm =
    runs.length < 4
      ? undefined
      : stratifiedBootstrap([[runs]], ([group]) => interquartileMean(group!), random.fork(`iqm ${index}`));
  return {
    name,
    levels,
    candidate: candidates[index]!,
    runs: runs.length,
    mean: runs.length === 0 ? undefined : shown(mean(runs)),
    iqm: iqm && { value: shown(iqm.value), low: shown(iqm.low), high: shown(iqm.high) },
  };
}

/** A path is followed as far as its decisions reach; every other design is known at once. */
function effectsOf(context: Context): { readonly effects: Effect[]; readonly kept: boolean[] } {
  const { plan } = context;
  const levelCounts = plan.factors.map(({ levels }) => levels.length);
  if (plan.design.kind !== 'path')
    return { effects: judged(designFor(plan.design, levelCounts), context), kept: [] };
  const kept: boolean[] = [];
  for (;;) {
    const design = designFor(plan.design, levelCounts, kept);
    const isWhole = kept.length === pathLength(levelCounts);
    const effects = judged(design, context).map((effect, index) =>
      index < kept.length ? { ...effect, kept: kept[index]! } : effect,
    );
    const last = effects[kept.length];
    if (isWhole || !last || !isComplete(last, context)) return { effects, kept };
    kept.push(isKept(last, plan.design.keep ?? 'supported', context.response));
  }
}

/** Whether every planned run of the step has ended, or it will never be compared. */
const isComplete = ({ contrast, refused }: Effect, { candidates, values, response }: Context): boolean =>
  refused !== undefined ||
  [...contrast.weights.keys()].every((arm) => {
    const candidate = candidates[arm];
    if (!candidate) return false;
    const failed = candidate.failures.length;
    const most = Math.max(...values.map(({ size }) => size));
    return (values[arm]?.size ?? 0) + (response.kind === 'score' ? failed : 0) >= most && most > 0;
  });

function isKept(
  effect: Effect,
  keep: NonNullable<AblationPlan['design']['keep']>,
  { sign }: Response,
): boolean {
  if (effect.refused !== undefined) return false;
  if (keep === 'all') return true;
  if (keep === 'supported') return effect.decision?.verdict === 'supported';
  return sign * (effect.difference?.value ?? 0) > 0;
}

type Judgement = Required<Pick<Effect, 'decision' | 'isReal'>>;

/** Effects of a design with decisions; interactions are a family of their own, tested against none. */
function judged(design: Design, context: Context): Effect[] {
  const { plan, candidates } = context;
  const known = design.contrasts.filter(({ weights }) =>
    [...weights.keys()].every((arm) => candidates[arm] !== undefined),
  );
  const effects = known.map((contrast) => measuredEffect(contrast, design, context));
  const levelCounts = plan.factors.map(({ levels }) => levels.length);
  const isPath = plan.design.kind === 'path';
  const family = (isInteraction: boolean): Map<Contrast, Judgement> => {
    const members = effects.filter(
      ({ effect, test }) => test && (effect.contrast.kind === 'interaction') === isInteraction,
    );
    const rule = isInteraction ? { ...plan.rule, claim: 'better' as const, by: 0 } : plan.rule;
    const tests = members.map(({ test }) => test!);
    const decided = (by: AblationPlan['rule']): Decision[] =>
      isPath ? bonferroni(by, tests, comparisonsOf(plan.design, levelCounts, design)) : decide(by, tests);
    const [decisions, against0] = [decided(rule), decided({ ...rule, claim: 'better', by: 0 })];
    return new Map(
      members.map(({ effect }, index) => [
        effect.contrast,
        { decision: decisions[index]!, isReal: against0[index]!.verdict !== 'not decided' },
      ]),
    );
  };
  const decisions = new Map([...family(false), ...family(true)]);
  return effects.map(({ effect }) => {
    return { ...effect, ...decisions.get(effect.contrast) };
  });
}

/** A decision on a path must not change when later steps join it. */
const bonferroni = (
  rule: AblationPlan['rule'],
  tests: readonly MeanTest[],
  comparisons: number,
): Decision[] =>
  tests.map((test) => {
    const [alone] = decide({ ...rule, level: rule.level / comparisons }, [test]);
    return { verdict: alone!.verdict, p: Math.min(1, alone!.p * comparisons) };
  });

function measuredEffect(
  contrast: Contrast,
  design: Design,
  context: Context,
): { readonly effect: Effect; readonly test?: MeanTest } {
  const { plan, response, candidates, values, random } = context;
  const { rule } = plan;
  const name = termsText(contrast, plan);
  const against = againstText(contrast, design, plan);
  const arms = [...contrast.weights.keys()];
  const refused = arms
    .map((arm) => costRefusal(candidates[arm]!, candidates[0]!, plan.hold))
    .find((reason) => reason !== undefined);
  if (refused !== undefined) return { effect: { contrast, name, against, refused, differences: [] } };
  const shared = [...(values[arms[0]!] ?? new Map()).keys()].filter((key) =>
    arms.every((arm) => values[arm]?.has(key)),
  );
  const differences = shared.map((key) =>
    [...contrast.weights].reduce((sum, [arm, weight]) => sum + weight * values[arm]!.get(key)!, 0),
  );
  if (differences.length === 0) return { effect: { contrast, name, against, differences } };
  const options = { looks: rule.looks, effectVariance: rule.effectVariance, step: response.step };
  const merits = differences.map((each) => response.sign * each);
  const { value, low, high, samples } = meanTest(differences, options);
  return {
    test: meanTest(merits, options),
    effect: {
      contrast,
      name,
      against,
      differences,
      difference: { value, low, high, samples },
      effectSize: pairedEffectSize(differences),
      improvement: improvementOf(contrast, context, random.fork(`improvement ${name}`)),
    },
  };
}

/** Over the pairs of arms that differ in this change alone; each pair is a stratum. */
function improvementOf(
  { pairs }: Contrast,
  { values, response }: Context,
  random: Random,
): Interval | undefined {
  const runs = (arm: number): number[] =>
    [...(values[arm]?.values() ?? [])].map((each) => response.sign * each);
  const strata = pairs.map(([treated, control]) => [runs(treated), runs(control)] as const);
  if (strata.length === 0 || strata.some(([a, b]) => a.length < 2 || b.length < 2)) return undefined;
  return stratifiedBootstrap(
    [strata.map(([treated]) => treated), strata.map(([, control]) => control)],
    ([treated, control]) => probabilityOfImprovement(treated!, control!),
    random,
    1000,
  );
}

function termsText({ terms, kind }: Contrast, { factors }: AblationPlan): string {
  const texts = terms.map(({ factor, level }) => {
    const { name, levels } = factors[factor]!;
    return `${name} = ${levels[level]}`;
  });
  if (kind === 'change' && texts.length > 1 && texts.length === factors.length) return 'all changes';
  return texts.join(kind === 'interaction' ? ' × ' : ', ');
}

function againstText({ kind, weights, terms }: Contrast, design: Design, { factors }: AblationPlan): string {
  if (kind === 'interaction') return 'no interaction';
  if (kind === 'main')
    return terms.map(({ factor }) => `${factors[factor]!.name} = ${factors[factor]!.levels[0]}`).join(', ');
  const control = [...weights].find(([, weight]) => weight < 0)![0];
  const changed = design.arms[control]!.flatMap((level, factor) =>
    level === 0 ? [] : [`${factors[factor]!.name} = ${factors[factor]!.levels[level]}`],
  );
  return changed.length === 0 ? 'baseline' : changed.join(', ');
}

function pooledDeviation(effects: readonly Effect[]): number | undefined {
  let [squares, freedom] = [0, 0];
  for (const { differences } of effects) {
    if (differences.length < 2) continue;
    const centre = mean([...differences]);
    squares += differences.reduce((sum, each) => sum + (each - centre) ** 2, 0);
    freedom += differences.length - 1;
  }
  return freedom === 0 || squares === 0 ? undefined : Math.sqrt(squares / freedom);
}
