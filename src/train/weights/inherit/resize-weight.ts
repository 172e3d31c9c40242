/**
 * Resizes a weight axis by axis. Growing keeps the function: outputs are repeated, weights that sum over
 * repeated inputs are divided among the repetitions, filters are padded with zeros (Net2Net,
 * https://arxiv.org/abs/1511.05641). The shares are drawn unequal, so that repetitions diverge during
 * training without added noise. Cutting takes the leading entries and the middle of filters (once-for-all,
 * https://arxiv.org/abs/1908.09791).
 */

import type { AxisRole, WeightRole } from '../../../network/weight-roles.js';
import type { Random } from '../../../util/random.js';

export interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** For each index of the new axis the old index that it copies; -1: zero. */
type AxisMap = Int32Array;

/** Segment by segment: the new segment repeats the old one, or is its beginning. */
function repeated(oldCuts: readonly number[], newCuts: readonly number[]): AxisMap {
  const map = new Int32Array(newCuts.at(-1)!);
  for (let segment = 0; segment + 1 < newCuts.length; segment++) {
    const [start, from, length] = [
      newCuts[segment]!,
      oldCuts[segment]!,
      oldCuts[segment + 1]! - oldCuts[segment]!,
    ];
    for (let at = start; at < newCuts[segment + 1]!; at++) map[at] = from + ((at - start) % length);
  }
  return map;
}

/** Aligns the centres; indices outside the old axis are zero. */
function centred(oldSize: number, newSize: number): AxisMap {
  const rim = (newSize - oldSize) / 2;
  return Int32Array.from({ length: newSize }, (_, at) => (at >= rim && at < rim + oldSize ? at - rim : -1));
}

function axisMap(role: AxisRole, axis: number, before: WeightRole, after: WeightRole): AxisMap {
  const [oldSize, newSize] = [before.shape[axis]!, after.shape[axis]!];
  if (role === 'space') return centred(oldSize, newSize);
  const isLast =
    axis === after.shape.length - 1 && before.segmentBounds.length === after.segmentBounds.length;
  return isLast && role !== 'in'
    ? repeated(before.segmentBounds, after.segmentBounds)
    : repeated([0, oldSize], [0, newSize]);
}

/** Why one shape cannot be resized to the other, as a rule with values; undefined where it can. */
export function resizeProblem(
  before: WeightRole,
  after: WeightRole,
  mode: 'grow' | 'cut',
): string | undefined {
  if (before.shape.length !== after.shape.length)
    return `must have ${before.shape.length} axes, got ${after.shape.length}`;
  const wrong = after.shape.findIndex((size, axis) =>
    mode === 'grow' ? size < before.shape[axis]! : size > before.shape[axis]!,
  );
  if (wrong >= 0)
    return (
      `axis ${wrong} must not ${mode === 'grow' ? 'shrink' : 'grow'} from ${before.shape[wrong]}, ` +
      `got ${after.shape[wrong]}`
    );
  const odd = after.shape.findIndex(
    (size, axis) => after.axes[axis] === 'space' && (size - before.shape[axis]!) % 2 !== 0,
  );
  return odd >= 0
    ? `a filter's side must stay odd or even, got ${after.shape[odd]} from ${before.shape[odd]}`
    : undefined;
}

/**
 * Shares of each output over the repetitions of each input, each group summing to 1; uniform in (0.5, 1.5)
 * before scaling.
 */
function shares(map: AxisMap, outputs: number, random: Random): Float64Array {
  const drawn = Float64Array.from({ length: map.length * outputs }, () => 0.5 + random.next());
  const sums = new Float64Array((Math.max(...map) + 1) * outputs);
  drawn.forEach((share, at) => {
    sums[map[Math.floor(at / outputs)]! * outputs + (at % outputs)]! += share;
  });
  return drawn.map((share, at) => share / sums[map[Math.floor(at / outputs)]! * outputs + (at % outputs)]!);
}

/**
 * @param random draws the shares; needed where an axis that is summed over grows
 * @returns values of `after.shape`
 */
export function resizeWeight(
  old: Float32Array,
  before: WeightRole,
  after: WeightRole,
  random: Random,
): Float32Array {
  const maps = after.shape.map((_, axis) => axisMap(after.axes[axis]!, axis, before, after));
  const summed = after.axes.indexOf('in');
  const grows = summed >= 0 && after.shape[summed]! > before.shape[summed]!;
  const named = after.axes.indexOf('out');
  const outputs = named >= 0 ? after.shape[named]! : 1;
  const share = grows ? shares(maps[summed]!, outputs, random) : undefined;
  const place = new Int32Array(after.shape.length);
  const values = new Float32Array(after.shape.reduce((product, size) => product * size, 1));
  for (let at = 0; at < values.length; at++) {
    let from = 0;
    for (let axis = 0, rest = at, step = values.length; axis < place.length; axis++) {
      step /= after.shape[axis]!;
      place[axis] = Math.floor(rest / step);
      rest %= step;
      const source = maps[axis]![place[axis]!]!;
      from = source < 0 || from < 0 ? -1 : from * before.shape[axis]! + source;
    }
    if (from >= 0)
      values[at] =
        old[from]! * (share ? share[place[summed]! * outputs + (named >= 0 ? place[named]! : 0)]! : 1);
  }
  return values;
}
