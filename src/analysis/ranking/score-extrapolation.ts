/**
 * Predicts the final score of a training from its first epochs, with an interval. The gain from now to the
 * end is regressed on the score and the last change, fitted to finished trainings (after Baker et al.,
 * https://arxiv.org/abs/1705.10823, with two features and ridge). The interval comes from jackknife residuals
 * (https://arxiv.org/abs/1905.02928). Needs five finished trainings: a curve alone does not bound its own
 * end.
 */
import { Matrix, solve } from 'ml-matrix';
import { studentQuantile } from '../../util/statistics/student.js';

export interface PredictedScore {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Number of finished trainings it is fitted to. */
  readonly from: number;
}

/** Fewest finished trainings to learn from. */
export const fewestFinished = 5;
/** Adds to the diagonal, in units of the features' own spread. */
const ridge = 1e-3;

type Features = readonly [one: number, score: number, step: number];
const featuresAt = (curve: readonly number[], epochs: number): Features => [
  1,
  curve[epochs - 1]!,
  epochs > 1 ? curve[epochs - 1]! - curve[epochs - 2]! : 0,
];

/** Sums of the least-squares problem; those without one row are the sums less what it adds. */
interface Sums {
  readonly rows: number;
  /** `[feature, feature]` */
  readonly products: Matrix;
  /** `[feature, 1]` */
  readonly gains: Matrix;
}

function sumsOf(rows: readonly Features[], gains: readonly number[]): Sums {
  const x = new Matrix(rows.map((row) => [...row]));
  const transposed = x.transpose();
  const column = Matrix.columnVector([...gains]);
  return { rows: rows.length, products: transposed.mmul(x), gains: transposed.mmul(column) };
}

function without({ rows, products, gains }: Sums, row: Features, gain: number): Sums {
  const column = Matrix.columnVector([...row]);
  return {
    rows: rows - 1,
    products: Matrix.sub(products, column.mmul(column.transpose())),
    gains: Matrix.sub(gains, Matrix.mul(column, gain)),
  };
}

/** Coefficients of the gain by features, least squares with a ridge on all but the constant. */
function fit({ rows, products, gains }: Sums): number[] {
  const normal = products.clone();
  for (let feature = 1; feature < 3; feature++)
    normal.set(feature, feature, normal.get(feature, feature) + ridge * rows);
  return solve(normal, gains, true).to1DArray();
}
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, index) => sum + value * b[index]!, 0);

/**
 * @param curve scores after each epoch so far, fractions
 * @param finished whole curves of `epochs` scores
 * @param level of the interval, default 0.95
 * @returns undefined with too few finished curves, or where the curve is already whole
 */
export function predictFinalScore(
  curve: readonly number[],
  epochs: number,
  finished: readonly (readonly number[])[],
  level = 0.95,
): PredictedScore | undefined {
  const whole = finished.filter((other) => other.length === epochs && other.every(Number.isFinite));
  const done = curve.length;
  if (done < 1 || done >= epochs || whole.length < fewestFinished || !curve.every(Number.isFinite))
    return undefined;
  const rows = whole.map((other) => featuresAt(other, done));
  const gains = whole.map((other) => other.at(-1)! - other[done - 1]!);
  const own = featuresAt(curve, done);
  const sums = sumsOf(rows, gains);
  const value = curve.at(-1)! + dot(fit(sums), own);
  // errors of the predicted gain of each finished training, fitted without it
  const residuals = rows.map((row, out) => gains[out]! - dot(fit(without(sums, row, gains[out]!)), row));
  const spread = Math.sqrt(residuals.reduce((sum, residual) => sum + residual ** 2, 0) / residuals.length);
  const half = studentQuantile(0.5 + level / 2, whole.length - 1) * spread * Math.sqrt(1 + 1 / whole.length);
  const [least, most] = [...whole.flat(), ...curve].every((score) => score >= 0 && score <= 1)
    ? [0, 1]
    : [-Infinity, Infinity]; // fractions stay fractions
  return {
    value,
    low: Math.max(least, value - half),
    high: Math.min(most, value + half),
    from: whole.length,
  };
}

export interface ExtrapolationCheck {
  readonly epoch: number;
  /** Number of finished trainings, each predicted from the others. */
  readonly count: number;
  /** Mean of |predicted − final|, as a fraction of 1. */
  readonly meanAbsoluteError: number;
  /** Share of finals inside their interval. */
  readonly coverage: number;
}

/** Trainings of a check: each is predicted from the others, so its cost grows with their square. */
const mostChecked = 200;

/**
 * Predicts every finished curve at every epoch from all others: the accuracy of `predictFinalScore` on these
 * data. Of more than 200 curves it takes 200, evenly spread.
 */
export function checkExtrapolation(
  finished: readonly (readonly number[])[],
  level = 0.95,
): ExtrapolationCheck[] {
  const epochs = finished.reduce((most, curve) => Math.max(most, curve.length), 0);
  const all = finished.filter((curve) => curve.length === epochs);
  const step = Math.max(1, all.length / mostChecked);
  const count = Math.min(all.length, mostChecked);
  const whole = Array.from({ length: count }, (_, index) => all[Math.floor(index * step)]!);
  return Array.from({ length: Math.max(0, epochs - 1) }, (_, index) => {
    const outcomes = whole.flatMap((curve, own) => {
      const predicted = predictFinalScore(
        curve.slice(0, index + 1),
        epochs,
        whole.filter((__, other) => other !== own),
        level,
      );
      const final = curve.at(-1)!;
      return predicted
        ? [
            {
              error: Math.abs(predicted.value - final),
              inside: final >= predicted.low && final <= predicted.high,
            },
          ]
        : [];
    });
    return {
      epoch: index + 1,
      count: outcomes.length,
      meanAbsoluteError: outcomes.reduce((sum, { error }) => sum + error, 0) / outcomes.length,
      coverage: outcomes.filter(({ inside }) => inside).length / outcomes.length,
    };
  }).filter(({ count }) => count > 0);
}
