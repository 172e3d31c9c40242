/**
 * Fronts of two noisy costs, drawn again and again. Points stay in the order of the last draw, which the next
 * one changes little, so that sorting them by insertion costs little more than reading them.
 */
import type { Random } from '../../util/random.js';

export class PlanarDraws {
  /** Draws so far in which each point was on the front. */
  readonly times: Float64Array;
  private readonly order: Int32Array;
  private readonly x: Float64Array;
  private readonly y: Float64Array;

  /** @param means costs @param errors their standard errors; both `[point][2]` */
  constructor(
    private readonly means: readonly (readonly number[])[],
    private readonly errors: readonly (readonly number[])[],
  ) {
    const { length } = means;
    this.order = Int32Array.from([...means.keys()].sort((a, b) => means[a]![0]! - means[b]![0]! || a - b));
    [this.times, this.x, this.y] = [
      new Float64Array(length),
      new Float64Array(length),
      new Float64Array(length),
    ];
  }

  next(random: Random): void {
    const { means, errors, x, y } = this;
    for (let at = 0; at < x.length; at++) {
      const [mean, error] = [means[at]!, errors[at]!];
      x[at] = error[0]! > 0 ? mean[0]! + error[0]! * random.normal() : mean[0]!;
      y[at] = error[1]! > 0 ? mean[1]! + error[1]! * random.normal() : mean[1]!;
    }
    this.sort();
    this.count();
  }

  /** By first cost, then by second. */
  private sort(): void {
    const { order, x, y } = this;
    for (let place = 1; place < order.length; place++) {
      const at = order[place]!;
      let to = place;
      for (; to > 0; to--) {
        const other = order[to - 1]!;
        if (x[other]! < x[at]! || (x[other] === x[at] && y[other]! <= y[at]!)) break;
        order[to] = other;
      }
      order[to] = at;
    }
  }

  /** In this order a point is on the front if its second cost is below all before; equal points are alike. */
  private count(): void {
    const { order, x, y, times } = this;
    let last = -1;
    for (const at of order) {
      if (last >= 0 && y[at]! >= y[last]! && !(x[at] === x[last] && y[at] === y[last])) continue;
      last = at;
      times[at]!++;
    }
  }
}
