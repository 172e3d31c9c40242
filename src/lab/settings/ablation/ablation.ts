/** An ablation of an experiment: its plan, frozen before the first trial, and the arms to run. */

import type { DecisionRule } from '../../../analysis/ablation/decision/decision-rule.js';
import { designFor } from '../../../analysis/ablation/designs/design-table.js';
import type { Architecture } from '../../../architecture/architecture.js';
import { architectureId, canonicalText } from '../../../architecture/canonical.js';
import { layoutOf } from '../../../architecture/layout.js';
import type { AblationPlan } from '../../../store/ablation-plan.js';
import type { Recipe } from '../../../train/recipe/recipe.js';
import { canonicalJson, textHash } from '../../../util/canonical-json.js';
import { UserError } from '../../../util/errors.js';
import type { ParamValue } from '../../../util/params.js';
import { atEqualCost } from './equal-cost.js';
import type { Factor, Variant } from './factor.js';

export interface Arm {
  /** e.g. `C = mbconv`; `baseline`. */
  readonly name: string;
  readonly levels: readonly number[];
  readonly architecture: Architecture;
  /** Of its trainings; undefined without training. */
  readonly recipe: Recipe | undefined;
  /** No network was found at the baseline's measured latency: it is not trained, and never compared. */
  readonly isUnequal?: true;
}

/** What an ablation compares, before data, response and rule are known. */
export interface Arms {
  readonly baseline: Architecture;
  readonly factors: readonly Factor[];
  readonly design: AblationPlan['design'];
  readonly hold: AblationPlan['hold'];
  readonly arms: readonly Arm[];
  /** The arms once these steps of a path are decided. @throws UserError where one cannot be built */
  after(kept: readonly boolean[]): readonly Arm[];
}

export interface Ablation extends Arms {
  readonly plan: AblationPlan;
  readonly planHash: string;
}

type ArmSettings = Pick<Arms, 'baseline' | 'factors' | 'design' | 'hold'> & {
  /** The recipe with some parameters replaced. */
  readonly recipeWith: ((values: Readonly<Record<string, ParamValue>>) => Recipe) | undefined;
};

/**
 * @throws UserError where a level does not apply, changes nothing, or cannot be held at equal cost
 */
export function buildArms(settings: ArmSettings): Arms {
  const { recipeWith: _, ...arms } = settings;
  const after = (kept: readonly boolean[]): readonly Arm[] => armsOf(settings, kept);
  return { ...arms, after, arms: after([]) };
}

function armsOf(settings: ArmSettings, kept: readonly boolean[]): Arm[] {
  const { factors, design } = settings;
  const levelCounts = factors.map(({ levels }) => levels.length + 1);
  let vectors: readonly (readonly number[])[];
  try {
    vectors = designFor(design, levelCounts, kept).arms;
  } catch (error) {
    if (error instanceof RangeError) throw new UserError(error.message);
    throw error;
  }
  const arms = vectors.map((levels) => armOf(settings, levels));
  const seen = new Map<string, Arm>();
  for (const arm of arms) {
    const key = canonicalJson([architectureId(arm.architecture), arm.recipe ?? null]);
    const same = seen.get(key);
    if (same)
      throw new UserError(`ablation: arms must differ, got ${arm.name} equal to ${same.name}`, {
        fix: 'leave out the level that changes nothing',
      });
    seen.set(key, arm);
  }
  return arms;
}

/** Levels are applied in the order of the factors; the last step holds the cost. */
function armOf({ baseline, factors, hold, recipeWith }: ArmSettings, levels: readonly number[]): Arm {
  const name = armName(factors, levels);
  const start: Variant = { architecture: baseline, recipe: {} };
  try {
    const changed = factors.reduce((variant, factor, index) => {
      const level = factor.levels[levels[index]! - 1];
      return level ? level.apply(variant) : variant;
    }, start);
    return {
      name,
      levels,
      architecture: atEqualCost(changed.architecture, baseline, hold),
      recipe: recipeWith?.(changed.recipe),
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`${name}: ${error.message}`, { cause: error, ...(error.fix && { fix: error.fix }) });
  }
}

function armName(factors: readonly Factor[], levels: readonly number[]): string {
  const changes = levels.flatMap((level, index) => {
    const factor = factors[index]!;
    return level === 0 ? [] : [`${factor.name} = ${factor.levels[level - 1]!.label}`];
  });
  return changes.length === 0 ? 'baseline' : changes.join(', ');
}

/** The networks of the arms, each once. */
export function distinctNetworks(arms: Arms['arms']): readonly Architecture[] {
  return [...new Map(arms.map(({ architecture }) => [architectureId(architecture), architecture])).values()];
}

export interface PlanParts {
  readonly question: string;
  readonly rule: DecisionRule;
  readonly response: string;
  readonly dataset: string | undefined;
  readonly recipe: Recipe | undefined;
  readonly seeds: readonly number[] | undefined;
  readonly launches: number | undefined;
  readonly published: AblationPlan['published'];
  /** Of recipes with guidance. */
  readonly guide: Architecture | undefined;
}

/** The plan with its hash. Seeds may be added to a rule that stays valid however often one looks. */
export function frozen(arms: Arms, parts: PlanParts): Ablation {
  const { question, rule, response, dataset, recipe, seeds, launches, published, guide } = parts;
  const start: Variant = { architecture: arms.baseline, recipe: {} };
  const hashOf = (value: unknown): string => textHash(canonicalJson(value ?? null));
  const plan: AblationPlan = {
    question,
    baseline: layoutOf(arms.baseline),
    factors: arms.factors.map((factor) => ({
      name: factor.name,
      levels: [factor.current(start), ...factor.levels.map(({ label }) => label)],
    })),
    design: arms.design,
    hold: arms.hold,
    rule,
    response,
    hashes: {
      networks: hashOf([
        canonicalText(arms.baseline),
        arms.factors.map(({ kind, params, levels }) => [kind, params, levels.map(({ meaning }) => meaning)]),
      ]),
      data: hashOf(dataset),
      recipe: hashOf(recipe),
      ...(guide && { guide: hashOf(canonicalText(guide)) }),
      ...(rule.looks === 'once' && { seeds: hashOf([seeds, launches]) }),
    },
  };
  return { ...arms, plan: { ...plan, ...(published && { published }) }, planHash: hashOf(plan) };
}
