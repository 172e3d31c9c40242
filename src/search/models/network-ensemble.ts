/**
 * Ensemble of small networks: one hidden layer on one-hot features, each trained by Adam on a bootstrap of
 * the observations from initial weights of its own. Deviation: the spread of the members, corrected by the
 * errors on the observations that a member did not see. Lakshminarayanan et al. 2017,
 * https://arxiv.org/abs/1612.01474
 */
import type { Random } from '../../util/random.js';
import type { FeatureTable } from './features.js';
import { predictionQuality } from './hyperparameters.js';
import type { ModelQuality, Posterior, Surrogate } from './surrogate.js';

export interface EnsembleOptions {
  readonly pool: FeatureTable;
  readonly xs: readonly (readonly number[])[];
  readonly ys: readonly number[];
  readonly random: Random;
  /** Networks; default 6. */
  readonly members?: number;
  /** Passes over the observations; default 120. */
  readonly epochs?: number;
}

const HIDDEN = 24;
const RATE = 0.02;
const DECAY = 1e-3;
const CORRECTION = [0.25, 4] as const;

/** Weights of one network, in one vector: hidden by inputs, hidden biases, outputs, output bias. */
class SmallNetwork {
  private readonly weights: Float64Array;
  private readonly hidden = new Float64Array(HIDDEN);

  constructor(
    private readonly inputs: number,
    random: Random,
  ) {
    this.weights = new Float64Array(HIDDEN * (inputs + 2) + 1);
    const scale = Math.sqrt(2 / Math.max(1, inputs));
    for (let at = 0; at < HIDDEN * inputs; at++) this.weights[at] = scale * random.normal();
    const out = HIDDEN * (inputs + 1);
    for (let at = 0; at < HIDDEN; at++) this.weights[out + at] = random.normal() / Math.sqrt(HIDDEN);
  }

  predict(x: ArrayLike<number>): number {
    const { inputs, weights, hidden } = this;
    const out = HIDDEN * (inputs + 1);
    let result = weights[out + HIDDEN]!;
    for (let unit = 0; unit < HIDDEN; unit++) {
      let sum = weights[HIDDEN * inputs + unit]!;
      for (let at = 0; at < inputs; at++) sum += weights[unit * inputs + at]! * x[at]!;
      hidden[unit] = Math.tanh(sum);
      result += weights[out + unit]! * hidden[unit]!;
    }
    return result;
  }

  /** @param rows examples to learn, with repetitions */
  train(
    xs: readonly Float64Array[],
    ys: readonly number[],
    rows: readonly number[],
    epochs: number,
    random: Random,
  ): void {
    const { inputs, weights, hidden } = this;
    const [first, second] = [new Float64Array(weights.length), new Float64Array(weights.length)];
    const out = HIDDEN * (inputs + 1);
    let step = 0;
    const update = (at: number, gradient: number, rate: number): void => {
      first[at] = 0.9 * first[at]! + 0.1 * gradient;
      second[at] = 0.999 * second[at]! + 0.001 * gradient * gradient;
      weights[at]! -= rate * (first[at]! / (Math.sqrt(second[at]!) + 1e-6) + DECAY * weights[at]!);
    };
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const row of random.shuffled(rows)) {
        const x = xs[row]!;
        const error = this.predict(x) - ys[row]!;
        step++;
        const rate = (RATE * (1 - epoch / epochs) * Math.sqrt(1 - 0.999 ** step)) / (1 - 0.9 ** step);
        for (let unit = 0; unit < HIDDEN; unit++) {
          const back = error * weights[out + unit]! * (1 - hidden[unit]! ** 2);
          update(out + unit, error * hidden[unit]!, rate);
          update(HIDDEN * inputs + unit, back, rate);
          for (let at = 0; at < inputs; at++)
            if (x[at] !== 0) update(unit * inputs + at, back * x[at]!, rate);
        }
        update(out + HIDDEN, error, rate);
      }
    }
  }
}

/** One-hot rows of a table; ordered and numeric dimensions are scaled to [-1, 1]. */
function encoder(pool: FeatureTable): { readonly width: number; encode(x: readonly number[]): Float64Array } {
  const ranges = pool.columns.map((column) => {
    let [low, high] = [Infinity, -Infinity];
    for (const value of column) [low, high] = [Math.min(low, value), Math.max(high, value)];
    return { low, span: high - low || 1 };
  });
  const offsets: number[] = [];
  let width = 0;
  for (const { kind, span } of pool.dimensions) {
    offsets.push(width);
    width += kind === 'category' ? span + 2 : 1;
  }
  return {
    width,
    encode(x) {
      const row = new Float64Array(width);
      x.forEach((value, dimension) => {
        const offset = offsets[dimension]!;
        const { low, span } = ranges[dimension]!;
        if (pool.dimensions[dimension]!.kind === 'category') row[offset + value + 1] = 1;
        else row[offset] = (2 * (value - low)) / span - 1;
      });
      return row;
    },
  };
}

export class NetworkEnsemble implements Surrogate {
  readonly quality: ModelQuality;
  private readonly result: Posterior;

  constructor({ pool, xs, ys, random, members = 6, epochs = 120 }: EnsembleOptions) {
    const { width, encode } = encoder(pool);
    const centre = ys.reduce((sum, y) => sum + y, 0) / ys.length;
    const scale = Math.sqrt(ys.reduce((sum, y) => sum + (y - centre) ** 2, 0) / ys.length) || 1;
    const inputs = xs.map(encode);
    const targets = ys.map((y) => (y - centre) / scale);
    const outside: number[][] = ys.map(() => []);
    const networks = Array.from({ length: members }, (_, member) => {
      const own = random.fork(`member ${member}`);
      const network = new SmallNetwork(width, own);
      const rows = ys.map(() => own.integer(ys.length));
      const passes = Math.max(4, Math.min(epochs, Math.round((epochs * 100) / ys.length)));
      network.train(inputs, targets, rows, passes, own);
      const seen = new Set(rows);
      ys.forEach((_, row) => {
        if (!seen.has(row)) outside[row]!.push(network.predict(inputs[row]!));
      });
      return network;
    });
    const held = outside.flatMap((values, row) =>
      values.length >= 2 ? [{ y: targets[row]!, ...spreadOf(values) }] : [],
    );
    const raw = predictionQuality(
      held.map(({ y }) => y),
      held.map(({ mean, deviation }) => ({ mean, deviation: Math.max(deviation, 0.02) })),
    );
    const correction = Math.min(CORRECTION[1], Math.max(CORRECTION[0], raw.spread || 1));
    this.quality = predictionQuality(
      held.map(({ y }) => centre + scale * y),
      held.map(({ mean, deviation }) => ({
        mean: centre + scale * mean,
        deviation: scale * correction * Math.max(deviation, 0.02),
      })),
    );
    const [mean, deviation] = [new Float64Array(pool.rows), new Float64Array(pool.rows)];
    for (let row = 0; row < pool.rows; row++) {
      const x = encode(pool.columns.map((column) => column[row]!));
      const own = spreadOf(networks.map((network) => network.predict(x)));
      mean[row] = centre + scale * own.mean;
      deviation[row] = scale * correction * Math.max(own.deviation, 0.02);
    }
    this.result = { mean, deviation };
  }

  /** Nothing: networks learn only when they are trained anew. */
  add(): void {}

  screened(): Posterior {
    return this.result;
  }

  posterior(positions: ArrayLike<number>): Posterior {
    const { mean, deviation } = this.result;
    return {
      mean: Float64Array.from(positions, (at) => mean[at]!),
      deviation: Float64Array.from(positions, (at) => deviation[at]!),
    };
  }
}

function spreadOf(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance =
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return { mean, deviation: Math.sqrt(variance) };
}
