/**
 * Holds networks at the baseline's measured latency by scaling widths or depths. A time cannot be computed:
 * a network is proposed, measured, and the next one proposed from all times so far. Pure: a function of the
 * set of measured times, so that a resumed run proposes what the interrupted one would have.
 */
import type { Architecture } from '../../../architecture/architecture.js';
import { architectureId } from '../../../architecture/canonical.js';
import { architectureProblem } from '../../../network/architecture-problem.js';
import { networkCost } from '../../../network/network-cost.js';
import { costMiss, type Hold } from './equal-cost.js';
import { depthVariants } from './scale-depth.js';
import { unevenness, widthVariants } from './scale-width.js';

/** Networks measured for one arm, its first form included. */
export const mostTries = 6;

/** Milliseconds of a step by architecture id; `failed`: it was tried, and has no time. */
export type StepTimes = ReadonlyMap<string, number | 'failed'>;

export type LatencyState =
  /** The network's time lies within the tolerance. */
  | { readonly kind: 'within'; readonly architecture: Architecture }
  /** The network to measure next. */
  | { readonly kind: 'measure'; readonly architecture: Architecture }
  /** No network was found; the nearest measured one, which must not be compared. */
  | { readonly kind: 'outside'; readonly architecture: Architecture };

/** A network that was measured. */
interface Point {
  readonly architecture: Architecture;
  readonly logMacs: number;
  /** Logarithm of its time over the baseline's. */
  readonly logRatio: number;
}

/**
 * Where an arm stands. Its first form is measured first; then the scaled network whose MACs promise the
 * baseline's time, by interpolation between the measured ones.
 * @param arm at the other held costs, not scaled for latency
 */
export function latencyState(
  arm: Architecture,
  baseline: Architecture,
  hold: Hold,
  times: StepTimes,
): LatencyState {
  const target = times.get(architectureId(baseline));
  if (target === 'failed') return { kind: 'outside', architecture: arm };
  if (target === undefined || times.get(architectureId(arm)) === undefined)
    return { kind: 'measure', architecture: arm };
  const family = hold.by === 'nothing' ? [arm] : scaledNetworks(arm, baseline, hold);
  const tried = family.filter((each) => times.has(architectureId(each)));
  const points = tried.flatMap((architecture): Point[] => {
    const time = times.get(architectureId(architecture))!;
    if (time === 'failed') return [];
    return [{ architecture, logMacs: logMacsOf(architecture), logRatio: Math.log(time / target) }];
  });
  const nearest = nearestOf(points);
  if (nearest && Math.abs(Math.expm1(nearest.logRatio)) <= hold.latency! + 1e-12)
    return { kind: 'within', architecture: nearest.architecture };
  const next = tried.length < mostTries ? nextNetwork(arm, family, points, times) : undefined;
  if (next) return { kind: 'measure', architecture: next };
  return { kind: 'outside', architecture: nearest?.architecture ?? arm };
}

const logMacsOf = (architecture: Architecture): number => Math.log(networkCost(architecture).total.macs);

const nearestOf = (points: readonly Point[]): Point | undefined =>
  points.toSorted((a, b) => Math.abs(a.logRatio) - Math.abs(b.logRatio))[0];

/** More scaled depths are not considered. */
const mostDepths = 300;

/** The arm and its scaled forms within the other held costs, each once. */
function scaledNetworks(arm: Architecture, baseline: Architecture, hold: Hold): Architecture[] {
  const variants =
    hold.by === 'depth'
      ? depthVariants(arm).slice(0, mostDepths)
      : [8, 4, 2, 1].flatMap((grain) => [
          ...widthVariants(arm, grain),
          ...(holdsCounted(hold) ? widthVariants(arm, grain, 1) : []),
        ]);
  const distinct = new Map([arm, ...variants].map((each) => [architectureId(each), each]));
  // scaled back to the baseline itself, the change would be none
  if (architectureId(arm) !== architectureId(baseline)) distinct.delete(architectureId(baseline));
  return [...distinct.values()].filter(
    (each) => each === arm || (!architectureProblem(each) && costMiss(each, baseline, hold) <= 1),
  );
}

const holdsCounted = ({ params, macs }: Hold): boolean => params !== undefined || macs !== undefined;

/** The untried network whose MACs are nearest to those that promise the baseline's time; even ones first. */
function nextNetwork(
  arm: Architecture,
  family: readonly Architecture[],
  points: readonly Point[],
  times: StepTimes,
): Architecture | undefined {
  const wanted = wantedLogMacs(points) ?? logMacsOf(arm);
  const distance = (each: Architecture): number =>
    Math.abs(logMacsOf(each) - wanted) + 0.02 * unevenness(arm, each);
  return family
    .filter((each) => !times.has(architectureId(each)))
    .map((architecture) => ({ architecture, distance: distance(architecture) }))
    .sort((a, b) => a.distance - b.distance)[0]?.architecture;
}

/** A time may grow less or more than in proportion to MACs, by these exponents at most. */
const [leastSlope, mostSlope] = [0.3, 2];
/** Of one step: networks are scaled by at most this factor of MACs beyond those measured. */
const mostLogStep = Math.log(4);

/**
 * Logarithm of the MACs at which a line through the measured times meets the baseline's. Between the nearest
 * slower and faster network where there are both, else from the nearest by the slope so far.
 */
function wantedLogMacs(points: readonly Point[]): number | undefined {
  const nearest = nearestOf(points);
  if (!nearest) return undefined;
  const slower = nearestOf(points.filter(({ logRatio }) => logRatio > 0));
  const faster = nearestOf(points.filter(({ logRatio }) => logRatio <= 0));
  if (slower && faster) {
    const share = -faster.logRatio / (slower.logRatio - faster.logRatio);
    return faster.logMacs + share * (slower.logMacs - faster.logMacs);
  }
  const step = nearest.logRatio / slopeOf(points);
  return nearest.logMacs - Math.max(-mostLogStep, Math.min(mostLogStep, step));
}

/** Least-squares slope of log time on log MACs, within what is plausible; 1 from one network. */
function slopeOf(points: readonly Point[]): number {
  const centre = (of: (point: Point) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [centre(({ logMacs }) => logMacs), centre(({ logRatio }) => logRatio)];
  const [both, squares] = points.reduce(
    ([sum, square], { logMacs, logRatio }) => [
      sum + (logMacs - x) * (logRatio - y),
      square + (logMacs - x) ** 2,
    ],
    [0, 0],
  );
  if (squares < 1e-9) return 1;
  return Math.max(leastSlope, Math.min(mostSlope, both / squares));
}
