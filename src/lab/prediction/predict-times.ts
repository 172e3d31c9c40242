/** Step times of the members of a space: measured ones where they exist, else predicted. */
import type { Architecture } from '../../architecture/architecture.js';
import { architectureId } from '../../architecture/canonical.js';
import { layoutOf } from '../../architecture/layout.js';
import type { LatencyModel } from '../../profile/latency-model/latency-model.js';
import type { Estimate } from '../../util/statistics/interval.js';
import type { LatencySource } from './latency-source.js';

export interface PredictedTime {
  readonly member: Architecture;
  /** Milliseconds per pass. */
  readonly stepMs: Estimate;
  readonly source: 'measured' | 'predicted';
}

/** The time of a member; a measured time takes precedence over the model. */
export function timePredictor(
  model: LatencyModel,
  { times }: LatencySource,
): (member: Architecture) => PredictedTime {
  const measured = new Map(times.map((time) => [time.id, time]));
  // an id costs a hash: it is computed only for members whose layout was measured
  const layouts = new Set(times.map(({ architecture }) => layoutOf(architecture)));
  return (member) => {
    const time = layouts.has(layoutOf(member)) ? measured.get(architectureId(member)) : undefined;
    return {
      member,
      stepMs: time?.stepMs ?? model.predict(member, model.deviceKey, model.batch),
      source: time ? 'measured' : 'predicted',
    };
  };
}

/** Keeps the fastest of a stream of times in bounded memory. */
export class FastestTimes {
  private rows: PredictedTime[] = [];
  /** Slower rows cannot be among the fastest. */
  private limitMs = Infinity;
  constructor(private readonly count: number) {}

  add(row: PredictedTime): void {
    if (row.stepMs.value > this.limitMs) return;
    this.rows.push(row);
    if (this.rows.length < 4 * this.count) return;
    this.rows = this.sorted(2 * this.count);
    this.limitMs = this.rows.at(-1)!.stepMs.value;
  }

  /** Fastest first. */
  sorted(count = this.count): PredictedTime[] {
    return [...this.rows].sort((a, b) => a.stepMs.value - b.stepMs.value).slice(0, count);
  }
}
