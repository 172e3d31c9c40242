/** Learning curves: the validation score after each epoch, mean over seeds, one line per architecture. */
import { mainScore, type Score, score as scoreNamed } from '../../analysis/objectives/result-score.js';
import type { CandidateResult } from '../../store/experiment-result.js';
import type { Figure } from './figure.js';
import { scoreAxis } from './score-axis.js';
import { type ScoreDisplay, scoreDisplay } from './score-display.js';
import { mostLines, someOf, someText } from './some-lines.js';

export interface CurvesInfo {
  /** The score of the lines: the result's main score, or the loss where epochs do not have it. */
  readonly score: ScoreDisplay;
  /** Number of lines, where some are left out. */
  readonly of?: number;
  /** `epochs[i]` belongs to `values[i]`, as stored. */
  readonly lines: readonly {
    readonly candidate: number;
    readonly seeds: number;
    readonly epochs: readonly number[];
    readonly values: readonly number[];
    readonly low: readonly number[];
    readonly high: readonly number[];
  }[];
}

export const curvesFigure = {
  name: 'curves',
  title: () => 'Training curves',
  caption: ({ score, lines, of }) =>
    [
      `Validation ${score.short} after each epoch, mean over seeds;`,
      `${score.better} is better.`,
      'Select layouts in the table or the plot to highlight their curves, with the range over seeds.',
      ...someText('lines', lines.length, of),
    ].join(' '),
  info(result) {
    const main = mainScore(result);
    const isKept = result.candidates.some(({ scores }) =>
      scores.some(({ curve }) => curve.some((row) => main.ofEpoch(row) !== undefined)),
    );
    const score = isKept ? main : scoreNamed('loss');
    const withCurve = [...result.candidates.keys()].filter((candidate) =>
      result.candidates[candidate]!.scores.some(({ curve }) =>
        curve.some((row) => score.ofEpoch(row) !== undefined),
      ),
    );
    if (withCurve.length === 0) return undefined;
    const drawn = someOf(withCurve, mostLines);
    return {
      score: scoreDisplay(score, result),
      lines: drawn.map((candidate) => lineOf(result.candidates[candidate]!, candidate, score)),
      ...(drawn.length < withCurve.length && { of: withCurve.length }),
    };
  },
  chart: ({ score, lines }) => ({
    title: 'Training curves',
    x: { title: 'Epoch', scale: 'linear', whole: true },
    y: scoreAxis(score),
    marks: lines.map(({ candidate, epochs, values }) => ({
      kind: 'line',
      candidate,
      ink: 'accent',
      opacity: lines.length > 60 ? 0.25 : 0.6,
      points: epochs.map((epoch, index) => [epoch, values[index]! * score.scale] as const),
    })),
  }),
} satisfies Figure<CurvesInfo>;

function lineOf({ scores }: CandidateResult, candidate: number, score: Score): CurvesInfo['lines'][number] {
  const byEpoch = new Map<number, number[]>();
  for (const row of scores.flatMap(({ curve }) => curve)) {
    const value = score.ofEpoch(row);
    if (value !== undefined) byEpoch.set(row.epoch, [...(byEpoch.get(row.epoch) ?? []), value]);
  }
  const epochs = [...byEpoch.keys()].sort((a, b) => a - b);
  const of = (read: (values: readonly number[]) => number): number[] =>
    epochs.map((epoch) => Number(read(byEpoch.get(epoch)!).toPrecision(5)));
  return {
    candidate,
    seeds: scores.length,
    epochs,
    values: of((values) => values.reduce((sum, value) => sum + value, 0) / values.length),
    low: of((values) => Math.min(...values)),
    high: of((values) => Math.max(...values)),
  };
}
