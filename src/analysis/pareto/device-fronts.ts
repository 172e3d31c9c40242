/**
 * Fronts of one set of networks on several devices. A network is robust where it is on the front of every
 * device; its regret on a device is what its score lacks there to the best network that costs no more.
 */
import { nonDominated } from '../../util/pareto/directed.js';
import type { Objective } from '../objectives/objectives.js';

/** One network's score and its cost on each device, in one order of devices. */
export interface DeviceCosts {
  readonly id: string;
  readonly layout: string;
  readonly score: number;
  readonly costs: readonly number[];
}

export interface DeviceStanding extends DeviceCosts {
  /** By device. */
  readonly onFront: readonly boolean[];
  /** By device, in the unit of the score; 0 on its front. */
  readonly regret: readonly number[];
  readonly isRobust: boolean;
}

type Direction = Objective['better'];

/**
 * Networks that are on the front of some device, robust ones first, then by their largest regret.
 * @param networks measured on every device
 */
export function deviceFronts(
  networks: readonly DeviceCosts[],
  scoreBetter: Direction,
  costBetter: Direction,
): DeviceStanding[] {
  const devices = networks[0]?.costs.length ?? 0;
  const fronts = Array.from({ length: devices }, (_, device) => {
    const points = networks.map(({ score, costs }) => [score, costs[device]!]);
    return new Set(nonDominated(points, [scoreBetter, costBetter]));
  });
  const merit = (score: number): number => (scoreBetter === 'higher' ? score : -score);
  const isNoDearer = (a: number, b: number): boolean => (costBetter === 'lower' ? a <= b : a >= b);
  const standings = networks.map((own, index): DeviceStanding => {
    const onFront = fronts.map((front) => front.has(index));
    const regret = own.costs.map((cost, device) => {
      const rivals = networks.filter(({ costs }) => isNoDearer(costs[device]!, cost));
      return Math.max(...rivals.map(({ score }) => merit(score))) - merit(own.score);
    });
    return { ...own, onFront, regret, isRobust: onFront.every(Boolean) };
  });
  const worst = ({ regret }: DeviceStanding): number => Math.max(...regret);
  return standings
    .filter(({ onFront }) => onFront.some(Boolean))
    .sort((a, b) => Number(b.isRobust) - Number(a.isRobust) || worst(a) - worst(b));
}
