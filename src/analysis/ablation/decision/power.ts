/** Power of a decision rule before the run: how many seeds a difference needs, given the measured noise. */
import { seededRandom } from '../../../util/random.js';
import { pairedTPower } from '../../../util/statistics/noncentral-t.js';
import { meanTest } from '../effects/mean-test.js';
import type { DecisionRule } from './decision-rule.js';

export interface PowerOptions {
  /** Standard deviation of one paired difference, in the response's unit. */
  readonly deviation: number;
  /** Comparisons that the level is shared by; the power is that of the first to be rejected. */
  readonly comparisons: number;
  /** Simulated runs of an any-time rule; default 1000. */
  readonly simulations?: number;
}

type PowerRule = Pick<DecisionRule, 'looks' | 'level' | 'effectVariance'>;

/**
 * Chance that a difference is decided with `seeds` seeds, in either direction.
 * @param difference above margin
 */
export function powerOf(
  rule: PowerRule,
  difference: number,
  seeds: number,
  { deviation, comparisons, simulations = 1000 }: PowerOptions,
): number {
  if (seeds < 2 || !(deviation > 0)) return 0;
  const level = rule.level / comparisons;
  if (rule.looks === 'once') return pairedTPower(difference / deviation, seeds, level);
  return simulatedPower({ ...rule, level }, difference / deviation, seeds, simulations).at(-1)!;
}

/** Fewest seeds with the asked power; undefined where `most` are too few. @param power default 0.8 */
export function seedsNeeded(
  rule: PowerRule,
  difference: number,
  options: PowerOptions,
  { power = 0.8, most = 200 }: { readonly power?: number; readonly most?: number } = {},
): number | undefined {
  if (!(options.deviation > 0) || !(difference > 0)) return undefined;
  if (rule.looks === 'any-time') {
    const level = rule.level / options.comparisons;
    const powers = simulatedPower(
      { ...rule, level },
      difference / options.deviation,
      most,
      options.simulations ?? 1000,
    );
    const first = powers.findIndex((each) => each >= power);
    return first < 0 ? undefined : first + 1;
  }
  for (let seeds = 2; seeds <= most; seeds++)
    if (powerOf(rule, difference, seeds, options) >= power) return seeds;
  return undefined;
}

/** Share of simulated runs that are decided by the n-th look, for n from 1. Fixed seed: a pure function. */
function simulatedPower(rule: PowerRule, effect: number, most: number, simulations: number): number[] {
  const random = seededRandom('power');
  const decidedAt = new Array<number>(most + 1).fill(0);
  for (let run = 0; run < simulations; run++) decidedAt[firstDecision(rule, effect, most, random)]!++;
  let decided = 0;
  return Array.from({ length: most }, (_, index) => (decided += decidedAt[index + 1]!) / simulations);
}

/** The look at which a simulated run is decided; 0 for never. */
function firstDecision(
  { level, effectVariance }: PowerRule,
  effect: number,
  most: number,
  random: ReturnType<typeof seededRandom>,
): number {
  const values: number[] = [];
  for (let look = 1; look <= most; look++) {
    values.push(effect + random.normal());
    const { low, high } = meanTest(values, { looks: 'any-time', level, effectVariance });
    if (low > 0 || high < 0) return look;
  }
  return 0;
}
