/** Training curves: validation top-1 after each epoch, the mean over seeds, one line an architecture. */
import type { Figure } from './contract.js';

export interface CurvesInfo {
  /** `epochs[i]` belongs to `top1[i]`, a fraction. */
  readonly lines: readonly { readonly candidate: number; readonly seeds: number; readonly epochs: readonly number[]; readonly top1: readonly number[]; readonly low: readonly number[]; readonly high: readonly number[] }[];
}

export const curvesFigure = {
  name: 'curves',
  title: 'Training curves',
  caption: 'Validation top-1 after each epoch, mean over seeds. Select layouts in the table or the plot to bring out theirs, with the range over seeds.',
  info(result) {
    const lines = result.candidates.flatMap((each, candidate) => {
      if (each.scores.length === 0) return [];
      const epochs = [...new Set(each.scores.flatMap((score) => score.curve.map((row) => row.epoch)))].sort((a, b) => a - b);
      const at = epochs.map((epoch) => each.scores.flatMap((score) => score.curve.filter((row) => row.epoch === epoch).map((row) => row.validationTop1)));
      if (epochs.length === 0) return [];
      const round = (value: number): number => Number(value.toPrecision(5));
      return [{
        candidate, seeds: each.scores.length, epochs,
        top1: at.map((values) => round(values.reduce((sum, value) => sum + value, 0) / values.length)),
        low: at.map((values) => round(Math.min(...values))), high: at.map((values) => round(Math.max(...values))),
      }];
    });
    return lines.length > 0 ? { lines } : undefined;
  },
} satisfies Figure<CurvesInfo>;
