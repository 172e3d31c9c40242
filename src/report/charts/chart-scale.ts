/** Maps the values of an axis to pixels, with its ticks. */
import { rangeOf } from '../../util/statistics/range-of.js';
import { roundTicks, shortText } from './axis-ticks.js';
import type { Chart, ChartAxis, Mark } from './chart.js';

export interface Scale {
  (value: number): number;
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
}

/** @param from pixel of the least value, `to` of the greatest */
export function chartScale(
  axis: ChartAxis,
  values: readonly number[],
  from: number,
  to: number,
  mostTicks: number,
): Scale {
  const pixel = (share: number): number => Number((from + share * (to - from)).toFixed(2));
  if (axis.scale === 'categories') {
    const names = axis.categories ?? [];
    return Object.assign((value: number) => pixel((value + 0.5) / Math.max(1, names.length)), {
      ticks: names.map((text, at) => ({ at, text })),
    });
  }
  const isLog = axis.scale === 'log';
  const map = isLog ? (value: number): number => Math.log10(Math.max(value, Number.MIN_VALUE)) : Number;
  const [low, high] = padded(axis, values.filter((value) => !isLog || value > 0).map(map), map);
  const all = isLog ? logTicks(low, high) : roundTicks(low, high, mostTicks);
  const ticks = axis.whole ? all.filter(Number.isInteger) : all;
  return Object.assign((value: number) => pixel((map(value) - low) / (high - low)), {
    ticks: withTexts(ticks),
  });
}

/** Ticks that three digits do not tell apart have more. */
function withTexts(ticks: readonly number[]): Scale['ticks'] {
  const texts = [3, 4, 5, 6].map((digits) => ticks.map((at) => shortText(at, digits)));
  const told = texts.find((each) => new Set(each).size === ticks.length) ?? texts[0]!;
  return ticks.map((at, index) => ({ at, text: told[index]!.replace('-', '−') }));
}

function padded(
  axis: ChartAxis,
  values: readonly number[],
  map: (value: number) => number,
): [number, number] {
  const [low, high] = rangeOf([...values, ...(axis.include ?? []).map(map)]);
  if (!(high >= low)) return [0, 1];
  const room = (high - low) * 0.04 || Math.abs(high) * 0.05 || 0.5;
  return [
    axis.least === undefined ? low - room : map(axis.least),
    axis.most === undefined ? high + room : map(axis.most),
  ];
}

/**
 * 1, 2 and 5 of each decade; of more than three decades the powers of ten; where these are too few, finer
 * ones, and round values within a part of a decade.
 */
function logTicks(low: number, high: number): number[] {
  const ticksOf = (steps: readonly number[]): number[] => {
    const ticks: number[] = [];
    for (let decade = Math.floor(low); decade <= high; decade++)
      for (const step of steps) ticks.push(Number((step * 10 ** decade).toPrecision(3)));
    return ticks.filter((tick) => Math.log10(tick) >= low && Math.log10(tick) <= high);
  };
  const coarse = ticksOf(high - low > 2.5 ? [1] : [1, 2, 5]);
  if (coarse.length > 1) return coarse;
  const fine = ticksOf([1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9]);
  return fine.length > 1 ? fine : roundTicks(10 ** low, 10 ** high, 5);
}

/** All values of the marks along one axis. */
export const markValues = ({ marks }: Chart, along: 'x' | 'y'): number[] =>
  marks.flatMap((mark) => valuesOf(mark, along));

function valuesOf(mark: Mark, along: 'x' | 'y'): number[] {
  switch (mark.kind) {
    case 'points': {
      const bounded = (mark.intervals ?? 'y') === along;
      return mark.points.flatMap((point) =>
        bounded ? [point[along], point.low ?? point[along], point.high ?? point[along]] : [point[along]],
      );
    }
    case 'line':
      return mark.points.map(([x, y]) => (along === 'x' ? x : y));
    case 'band':
      return along === 'x' ? [...mark.x] : [...mark.low, ...mark.high];
    case 'bars':
      return along === 'x' ? [0, ...mark.bars.map(({ x }) => x)] : [];
    case 'cells':
      return [];
    default:
      return mark satisfies never;
  }
}
