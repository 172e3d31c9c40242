/**
 * The score against each stored cost, with front, ties and hypervolume: one entry per cost, points as
 * candidate positions.
 */

import { objectiveValues } from '../../analysis/objectives/objective-values.js';
import { costObjectives, mainCost, type Provenance } from '../../analysis/objectives/objectives.js';
import { mainScore } from '../../analysis/objectives/result-score.js';
import { frontOf } from '../../analysis/pareto/pareto-front.js';
import type { Figure } from './figure.js';
import { type ScoreDisplay, scoreDisplay } from './score-display.js';

/** `[value, low, high]` as stored, null where not measured. */
export type Triple = readonly [number, number, number] | null;

export interface CostFront {
  readonly id: string;
  readonly name: string;
  readonly batch?: number;
  readonly label: string;
  readonly short: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly format: 'measured' | 'count' | 'bytes';
  readonly interval: string;
  readonly provenance: Provenance;
  /** By candidate position. */
  readonly values: readonly Triple[];
  readonly front: readonly number[];
  readonly ties: readonly (readonly number[])[];
  readonly hypervolume?: { readonly value: number; readonly reference: readonly [number, number] };
}

/** The score of the result and how it is displayed. */
export interface ScoreInfo extends ScoreDisplay {
  readonly interval: string;
  /** By candidate position. */
  readonly values: readonly Triple[];
}

export interface FrontInfo {
  readonly score: ScoreInfo;
  readonly costs: readonly CostFront[];
  /** Id of the cost shown first. */
  readonly first: string;
}

export const frontFigure = {
  name: 'front',
  title: ({ score }) => `${score.label} against cost`,
  caption: ({ score }) =>
    [
      `${score.label} and times are measured, never predicted; bars are 95 % intervals.`,
      'The step line is the Pareto front.',
      'A ring marks a tie with a point of the front: intervals that overlap in the score, and times',
      'that the run does not tell apart.',
    ].join(' '),
  info(result) {
    if (result.candidates.length === 0) return undefined;
    const score = mainScore(result);
    return {
      score: {
        ...scoreDisplay(score, result),
        interval: score.interval,
        values: objectiveValues(result.candidates, score).map(triple),
      },
      first: mainCost(result).id,
      costs: costObjectives(result).map((cost) => {
        const { front, ties, hypervolume } = frontOf(result.candidates, cost, score);
        const { id, name, batch, label, short, unit, better, format, interval, provenance } = cost;
        return {
          id,
          name,
          ...(batch === undefined ? {} : { batch }),
          label,
          short,
          unit,
          better,
          format,
          interval,
          provenance,
          values: objectiveValues(result.candidates, cost).map(triple),
          front,
          ties,
          ...(hypervolume ? { hypervolume } : {}),
        };
      }),
    };
  },
} satisfies Figure<FrontInfo>;

const triple = (interval: { value: number; low: number; high: number } | undefined): Triple =>
  interval ? [sparse(interval.value), sparse(interval.low), sparse(interval.high)] : null;

/** Seven significant digits: more than any interval supports, fewer bytes in the page. */
const sparse = (value: number): number => (Number.isInteger(value) ? value : Number(value.toPrecision(7)));
