/**
 * Holds networks at the baseline's cost by scaling their widths or depths. A network that cannot be brought
 * within the tolerance is refused: a comparison at unequal cost answers nothing.
 */

import { countText } from '../../../analysis/number-text.js';
import type { Architecture } from '../../../architecture/architecture.js';
import { architectureProblem } from '../../../network/architecture-problem.js';
import { networkCost } from '../../../network/network-cost.js';
import type { AblationPlan } from '../../../store/ablation-plan.js';
import { UserError } from '../../../util/errors.js';
import { depthVariants } from './scale-depth.js';
import { unevenness, widthVariants } from './scale-width.js';

export type Hold = AblationPlan['hold'];

/** Costs that are counted, and so can be solved for. */
const counted = ['params', 'macs'] as const;
export type CountedCost = (typeof counted)[number];
/** Costs to meet; those that `Hold` names are read. */
type Targets = Partial<Record<CountedCost, number>>;

interface Candidate {
  readonly architecture: Architecture;
  /** Largest relative difference over its tolerance: at most 1 is within. */
  readonly miss: number;
  readonly uneven: number;
}

/** Largest relative difference of a held cost, in units of its tolerance; 0 where none is held. */
export const costMiss = (architecture: Architecture, baseline: Architecture, hold: Hold): number =>
  missOf(architecture, networkCost(baseline).total, hold);

function missOf(architecture: Architecture, target: Targets, hold: Hold): number {
  const cost = networkCost(architecture).total;
  return Math.max(
    0,
    ...counted.flatMap((name) => {
      const tolerance = hold[name];
      if (tolerance === undefined) return [];
      const difference = Math.abs(cost[name] / target[name]! - 1);
      return [tolerance === 0 && difference === 0 ? 0 : difference / Math.max(tolerance, 1e-12)];
    }),
  );
}

/**
 * The network, scaled where its cost lies outside the tolerance: as evenly as possible, then as near.
 * @throws UserError where no scaled network is within it, with the nearest
 */
export const atEqualCost = (architecture: Architecture, baseline: Architecture, hold: Hold): Architecture =>
  atCost(architecture, networkCost(baseline).total, hold);

/** As `atEqualCost`, for costs that are given as numbers. */
export function atCost(architecture: Architecture, target: Targets, hold: Hold): Architecture {
  const problem = architectureProblem(architecture);
  const isFree = counted.every((name) => hold[name] === undefined);
  if (!problem && (isFree || missOf(architecture, target, hold) <= 1)) return architecture;
  if (problem && (isFree || hold.by === 'nothing'))
    throw new UserError(`${problem.part}: ${problem.message}`);
  let nearest: Candidate | undefined;
  for (const variants of waves(architecture, hold.by, () => nearest?.architecture)) {
    const candidates = variants.flatMap((variant): Candidate[] =>
      architectureProblem(variant)
        ? []
        : [
            {
              architecture: variant,
              miss: missOf(variant, target, hold),
              uneven: hold.by === 'width' ? unevenness(architecture, variant) : 0,
            },
          ],
    );
    const within = candidates.filter(({ miss }) => miss <= 1);
    if (within.length > 0) return within.reduce((a, b) => (rank(b, a) < 0 ? b : a)).architecture;
    for (const candidate of candidates) if (!nearest || candidate.miss < nearest.miss) nearest = candidate;
  }
  throw new UserError(
    refusal(architecture, target, hold, nearest?.architecture),
    nearest ? { fix: `${neededTolerances(nearest.architecture, target, hold)} takes it` } : {},
  );
}

const rank = (a: Candidate, b: Candidate): number => a.uneven - b.uneven || a.miss - b.miss;

/** Rounds of networks to try, the coarser first: multiples of 8 channels, then of 4, 2 and 1. */
function* waves(
  architecture: Architecture,
  by: Hold['by'],
  nearest: () => Architecture | undefined,
): Generator<Architecture[]> {
  if (by === 'depth') yield depthVariants(architecture);
  if (by !== 'width') return;
  for (const grain of [8, 4, 2, 1]) {
    yield widthVariants(architecture, grain);
    const best = nearest();
    const last = architecture.stages.length - 1;
    if (best)
      yield widthVariants(architecture, grain, best.stages[last]!.width / architecture.stages[last]!.width);
  }
}

/** The tolerances that hold this network, rounded up: `macs: 0.016`. */
function neededTolerances(nearest: Architecture, target: Targets, hold: Hold): string {
  const cost = networkCost(nearest).total;
  return counted
    .filter((name) => hold[name] !== undefined)
    .map((name) => {
      const difference = Math.abs(cost[name] / target[name]! - 1);
      return `${name}: ${Math.max(hold[name]!, Math.ceil(difference * 1000) / 1000)}`;
    })
    .join(', ');
}

function refusal(
  architecture: Architecture,
  target: Targets,
  hold: Hold,
  nearest: Architecture | undefined,
): string {
  const costs = nearest && networkCost(nearest).total;
  const held = counted.filter((name) => hold[name] !== undefined);
  const wanted = held.map((name) => `${name} within ${100 * hold[name]!} % of ${countText(target[name]!)}`);
  const got = costs
    ? held.map((name) => `${countText(costs[name])} ${name}`).join(', ')
    : (architectureProblem(architecture)?.message ?? 'no valid network');
  return `equal cost: a network must have ${wanted.join(' and ')} by ${hold.by}, got ${got} at the nearest`;
}
