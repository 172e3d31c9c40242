/** Accuracy against each stored cost, with front, ties and hypervolume. One entry a cost; points are candidate positions. */
import { frontOf } from '../../analysis/front.js';
import { costObjectives, mainCost, objective } from '../../analysis/objectives.js';
import type { Figure } from './contract.js';

/** `[value, low, high]` as stored, null where not measured. */
export type Triple = readonly [number, number, number] | null;

export interface CostFront {
  readonly id: string;
  readonly name: string;
  readonly batch?: number;
  readonly label: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly format: 'measured' | 'count' | 'bytes';
  readonly interval: string;
  /** By candidate position. */
  readonly values: readonly Triple[];
  readonly front: readonly number[];
  readonly ties: readonly (readonly number[])[];
  readonly hypervolume?: { readonly value: number; readonly reference: readonly [number, number] };
}

export interface FrontInfo {
  readonly top1: readonly Triple[];
  readonly top1Interval: string;
  readonly costs: readonly CostFront[];
  /** Id of the cost shown first. */
  readonly first: string;
}

export const frontFigure = {
  name: 'front',
  title: 'Accuracy against cost',
  caption: 'Bars are 95 % intervals; the step line is the front. A ring joins points whose intervals overlap in both objectives: nothing measured tells them apart.',
  info(result) {
    if (result.candidates.length === 0) return undefined;
    const top1 = objective('top-1');
    return {
      top1: result.candidates.map((candidate) => triple(top1.read(candidate))),
      top1Interval: top1.interval,
      first: mainCost(result).id,
      costs: costObjectives(result).map((cost) => {
        const { front, ties, hypervolume } = frontOf(result.candidates, cost, top1);
        const { id, name, batch, label, unit, better, format, interval } = cost;
        return {
          id, name, ...(batch === undefined ? {} : { batch }), label, unit, better, format, interval,
          values: result.candidates.map((candidate) => triple(cost.read(candidate))), front, ties, ...(hypervolume ? { hypervolume } : {}),
        };
      }),
    };
  },
} satisfies Figure<FrontInfo>;

const triple = (interval: { value: number; low: number; high: number } | undefined): Triple => (interval ? [sparse(interval.value), sparse(interval.low), sparse(interval.high)] : null);

/** Seven significant digits: more than any interval supports, fewer bytes in the page. */
const sparse = (value: number): number => (Number.isInteger(value) ? value : Number(value.toPrecision(7)));
