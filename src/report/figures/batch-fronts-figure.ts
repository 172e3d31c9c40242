/**
 * The front of the score against throughput at every device key and batch size, with the intervals of its
 * points. Each front holds the networks of one key; nothing is ranked across keys.
 */

import { candidateName } from '../../analysis/candidate-name.js';
import { batchesOf, type Objective, objective } from '../../analysis/objectives/objectives.js';
import { mainScore, type Score } from '../../analysis/objectives/result-score.js';
import { frontOf } from '../../analysis/pareto/pareto-front.js';
import { settingLabels } from '../../analysis/ranking/setting-labels.js';
import { symmetryKinds } from '../../architecture/layout.js';
import type { ExperimentResult, NetworkTime } from '../../store/experiment-result.js';
import { mapInterval } from '../../util/statistics/interval.js';
import type { Figure } from './figure.js';
import { digits, scoreAxis } from './score-axis.js';
import { type ScoreDisplay, scoreDisplay } from './score-display.js';

export interface BatchFrontsInfo {
  readonly score: ScoreDisplay;
  /** Of the result; the fronts of other keys bear `device`. */
  readonly device: string;
  readonly fronts: readonly {
    readonly batch: number;
    /** Position among the other device keys; absent: that of the result. */
    readonly device?: number;
    /** Device key and batch size, as far as they differ. */
    readonly label: string;
    /** By rising throughput. */
    readonly points: readonly {
      readonly candidate: number;
      readonly layout: string;
      readonly imagesPerSecond: number;
      /** The score as displayed. */
      readonly score: number;
      readonly low?: number;
      readonly high?: number;
      /** In a tie with a neighbour of the front or a point behind it. */
      readonly tied: boolean;
    }[];
  }[];
}

type DeviceKey = ExperimentResult['device']['key'];

const inks = ['accent', 'asymmetric', 'symmetric', 'unmixed', 'text', 'muted'] as const;
const inkOf = (index: number): (typeof inks)[number] => inks[index % inks.length]!;
const hasOthers = ({ fronts }: BatchFrontsInfo): boolean =>
  fronts.some((front) => front.device !== undefined);

export const batchFrontsFigure = {
  name: 'batchFronts',
  title: (info) => (hasOthers(info) ? 'Fronts by device key and batch size' : 'Fronts by batch size'),
  caption: (info) =>
    [
      `Pareto fronts of ${info.score.short} against images per second`,
      ...(hasOthers(info)
        ? ['by device key and batch size; nothing is ranked across keys.', 'Other keys have dashed fronts.']
        : [`on ${info.device}, one per batch size.`]),
      'Bars are 95 % intervals of the score; where they are missing, the scatter is unknown.',
      'Hollow points are tied.',
    ].join(' '),
  info(result) {
    const score = mainScore(result);
    const settings = settingsOf(result);
    const labels = settingLabels(settings);
    const fronts = settings.flatMap(({ batch, device, rate }, index) => {
      const points = frontPoints(result, rate, score);
      const label = labels[index]!;
      return points.length > 0 ? [{ batch, ...(device !== undefined && { device }), label, points }] : [];
    });
    if (fronts.length < 2) return undefined;
    return { score: scoreDisplay(score, result), device: result.device.key.device, fronts };
  },
  chart: ({ score, fronts }) => ({
    title: `Fronts of ${score.label} by batch size`,
    x: { title: 'Images per second, measured   (higher is better)', scale: 'log' },
    y: scoreAxis(score),
    marks: fronts.flatMap(({ points, device }, index) => {
      const [ink, symbol] = [inkOf(index), symbolOf(device)];
      return [
        {
          kind: 'line' as const,
          points: points.map(({ imagesPerSecond, score: y }) => [imagesPerSecond, y] as const),
          step: 'before' as const, // throughput: higher is better
          ink,
          ...(device !== undefined && { dashed: true }),
        },
        ...[false, true].map((tied) => ({
          kind: 'points' as const,
          ink,
          symbol,
          hollow: tied,
          points: points
            .filter((point) => point.tied === tied)
            .map(({ candidate, layout, imagesPerSecond: x, score: y, low, high }) => ({
              candidate,
              label: layout,
              x,
              y,
              ...(low !== undefined && high !== undefined && { low, high }),
            })),
        })),
      ];
    }),
    legend: fronts.map(({ label, device }, index) => ({
      label,
      ink: inkOf(index),
      ...(device !== undefined && { dashed: true }),
    })),
  }),
} satisfies Figure<BatchFrontsInfo>;

/** One device key, one mark. */
const symbolOf = (device: number | undefined): (typeof symmetryKinds)[number] =>
  symmetryKinds[device === undefined ? 0 : (device + 1) % symmetryKinds.length]!;

interface MeasuredSetting {
  readonly key: DeviceKey;
  readonly device?: number;
  readonly batch: number;
  readonly rate: Objective;
}

/** Batch sizes of the result's device key, then those of its other keys. */
function settingsOf(result: ExperimentResult): MeasuredSetting[] {
  const own = batchesOf(result).map((batch) => ({
    key: result.device.key,
    batch,
    rate: objective('images-per-second', batch),
  }));
  const others = result.otherDevices.flatMap(({ id, key, times = [] }, device) => {
    const batches = [...new Set(times.map(({ batch }) => batch))].sort((a, b) => a - b);
    return batches.map((batch) => ({ key, device, batch, rate: otherRate(id, batch, times) }));
  });
  return [...own, ...others];
}

/** Images per second under another device key. */
function otherRate(device: string, batch: number, times: readonly NetworkTime[]): Objective {
  const byNetwork = new Map(
    times.flatMap((time) => (time.batch === batch ? [[time.architectureId, time.stepMs] as const] : [])),
  );
  const own = objective('images-per-second', batch);
  return {
    ...own,
    id: `${own.id} ${device}`,
    read({ architectureId }) {
      const stepMs = byNetwork.get(architectureId);
      return stepMs && mapInterval(stepMs, (ms) => (batch / ms) * 1000);
    },
  };
}

function frontPoints(
  { candidates }: ExperimentResult,
  rate: Objective,
  score: Score,
): BatchFrontsInfo['fronts'][number]['points'] {
  const { front, ties } = frontOf(candidates, rate, score);
  const tied = new Set(ties.flat());
  return front.map((candidate) => {
    const each = candidates[candidate]!;
    const [x, y] = [rate.read(each)!, score.read(each)!];
    const shown = (value: number): number => digits(value * score.scale);
    return {
      candidate,
      layout: candidateName(each),
      imagesPerSecond: digits(x.value),
      score: shown(y.value),
      ...(!y.unknown && { low: shown(y.low), high: shown(y.high) }),
      tied: tied.has(candidate),
    };
  });
}
