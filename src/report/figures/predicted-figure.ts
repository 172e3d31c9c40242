/**
 * Predicted against measured times: the latency model, fitted to the other networks, predicts each one. It
 * shows how far `stagecraft predict` can be trusted with what is measured so far.
 */

import { candidateName } from '../../analysis/candidate-name.js';
import { batchesOf, mainCost } from '../../analysis/objectives/objectives.js';
import type { Symmetry } from '../../architecture/layout.js';
import { symmetryKinds } from '../../architecture/layout.js';
import { fitLatencyModel } from '../../profile/latency-model/latency-model.js';
import type { ExperimentResult } from '../../store/experiment-result.js';
import { kendallTau } from '../../util/statistics/kendall.js';
import { quantile } from '../../util/statistics/order-statistics.js';
import { rangeOf } from '../../util/statistics/range-of.js';
import type { Figure } from './figure.js';
import { digits } from './score-axis.js';
import { someOf, someText } from './some-lines.js';

export interface PredictedInfo {
  readonly batch: number;
  readonly device: string;
  /** Groups of networks that were left out in turn. */
  readonly folds: number;
  /** Median of the absolute relative errors. */
  readonly error: number;
  /** Rank correlation of the predictions with the measured times. */
  readonly tau: number;
  /** Networks whose time lies in the interval of its prediction. */
  readonly covered: number;
  readonly of: number;
  readonly points: readonly {
    readonly candidate: number;
    readonly kind: Symmetry;
    readonly layout: string;
    /** Milliseconds of a step. */
    readonly measured: number;
    readonly predicted: number;
    readonly low: number;
    readonly high: number;
  }[];
}

/** Fewest networks; the model is fitted to at least five. */
const fewest = 7;
/** Networks that are predicted at most: the cost of the fits grows with their number. */
const most = 120;
const mostFolds = 10;

type Timed = Omit<PredictedInfo['points'][number], 'predicted' | 'low' | 'high'>;

export const predictedFigure = {
  name: 'predicted',
  title: () => 'Predicted against measured time',
  caption: ({ batch, device, folds, error, tau, covered, points, of }) =>
    [
      `Milliseconds of a step at batch ${batch} on ${device}: each network as the latency model predicts it`,
      `from the others (${folds} folds), against its measured time.`,
      'On the dashed line both are equal. Bars are 95 % intervals of the prediction;',
      `${covered} of ${points.length} hold the measured time.`,
      `Median error ${(100 * error).toFixed(1)} %, Kendall’s tau ${tau.toFixed(2)}.`,
      ...someText('networks', points.length, of),
    ].join(' '),
  info(result) {
    const batch = mainCost(result).batch ?? batchesOf(result).at(-1);
    if (batch === undefined) return undefined;
    const timed = timedNetworks(result, batch);
    const used = someOf(timed, most);
    const folds = Math.min(mostFolds, used.length);
    if (used.length < fewest) return undefined;
    const points = crossPredicted(result, used, folds, batch);
    const errors = points.map(({ measured, predicted }) => Math.abs(predicted - measured) / measured);
    const { tau = 0 } = kendallTau(
      points.map(({ measured }) => measured),
      points.map(({ predicted }) => predicted),
    );
    return {
      batch,
      device: result.device.key.device,
      folds,
      error: digits(quantile(errors, 0.5)),
      tau: digits(tau),
      covered: points.filter(({ measured, low, high }) => low <= measured && measured <= high).length,
      of: timed.length,
      points,
    };
  },
  chart({ points }) {
    const kinds = symmetryKinds.filter((kind) => points.some((point) => point.kind === kind));
    const [low, high] = rangeOf(points.flatMap(({ measured, predicted }) => [measured, predicted]));
    return {
      title: 'Predicted against measured time of a step',
      x: { title: 'Measured, ms', scale: 'log' },
      y: { title: 'Predicted, ms', scale: 'log' },
      aspect: 0.72,
      marks: [
        {
          kind: 'line',
          ink: 'muted',
          dashed: true,
          points: [
            [low, low],
            [high, high],
          ],
        },
        ...kinds.map((kind) => ({
          kind: 'points' as const,
          ink: kind,
          symbol: kind,
          hollow: true,
          points: points
            .filter((point) => point.kind === kind)
            .map(({ candidate, layout, measured, predicted, ...interval }) => ({
              candidate,
              label: layout,
              x: measured,
              y: predicted,
              low: interval.low,
              high: interval.high,
            })),
        })),
      ],
      legend: kinds.map((kind) => ({ label: kind, ink: kind, symbol: kind })),
    };
  },
} satisfies Figure<PredictedInfo>;

/** One for each network: arms of an ablation may share one, which would then predict itself. */
function timedNetworks({ candidates }: ExperimentResult, batch: number): Timed[] {
  const seen = new Set<string>();
  return candidates.flatMap((each, candidate) => {
    const stepMs = each.profiles.find((profile) => profile.batch === batch)?.stepMs?.value;
    if (stepMs === undefined || !(stepMs > 0) || seen.has(each.architectureId)) return [];
    seen.add(each.architectureId);
    return [{ candidate, kind: each.symmetry, layout: candidateName(each), measured: digits(stepMs) }];
  });
}

/** Every network by a model of the other folds, in the order given. */
function crossPredicted(
  { candidates, device }: ExperimentResult,
  used: readonly Timed[],
  folds: number,
  batch: number,
): PredictedInfo['points'] {
  const predicted = new Map<number, PredictedInfo['points'][number]>();
  const rowOf = ({ candidate, measured }: Timed) => ({
    architecture: candidates[candidate]!.architecture,
    stepMs: measured,
  });
  for (let fold = 0; fold < folds; fold++) {
    const isLeftOut = (_: Timed, index: number): boolean => index % folds === fold;
    const rows = used.filter((each, index) => !isLeftOut(each, index)).map(rowOf);
    const model = fitLatencyModel(rows, device.key, batch, { confidence: 0.95 });
    for (const each of used.filter(isLeftOut)) {
      const { value, low, high } = model.predict(rowOf(each).architecture, device.key, batch);
      predicted.set(each.candidate, {
        ...each,
        predicted: digits(value),
        low: digits(Math.max(low, value / 100)), // the axis is logarithmic
        high: digits(high),
      });
    }
  }
  return used.map(({ candidate }) => predicted.get(candidate)!);
}
