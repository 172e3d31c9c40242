/**
 * Predicts the time of unmeasured networks of a space from measured ones, for one device key and one batch
 * size. The prediction is a sum of block costs in place (block, parameters, width, resolution, position),
 * corrected by the times of whole networks. Ridge regression (Hoerl & Kennard 1970); its strength minimises
 * the leave-one-out error, which has a closed form for a linear smoother. Intervals are leave-one-out
 * conformal (Vovk et al. 2005), a simpler relative of jackknife+ (Barber et al. 2021).
 */
import { Matrix, solve } from 'ml-matrix';
import type { Architecture } from '../../architecture/architecture.js';
import { networkCost } from '../../network/network-cost.js';
import { networkParts } from '../../network/network-parts.js';
import type { DeviceKey } from '../../runtime/runtime.js';
import { canonicalJson } from '../../util/canonical-json.js';
import { UserError } from '../../util/errors.js';
import type { Estimate } from '../../util/statistics/interval.js';
import { kendallTau, type RankCorrelation } from '../../util/statistics/kendall.js';
import { quantile } from '../../util/statistics/order-statistics.js';
import { directSums, memoizedSums } from './memoized-sums.js';

export interface MeasuredNetwork {
  readonly architecture: Architecture;
  readonly stepMs: number;
}

export interface LatencyModel {
  readonly deviceKey: DeviceKey;
  readonly batch: number;
  /** Networks it was fitted to. */
  readonly networks: number;
  /** Relative error by leaving each network out: median of the absolute values. */
  readonly leaveOneOutError: number;
  /** Half the interval as a fraction of a prediction. */
  readonly reach: number;
  /**
   * Milliseconds per pass with an interval that covered its share of the left-out networks; `samples` is the
   * number of fitted networks.
   * @throws UserError for another device key or batch size
   */
  predict(architecture: Architecture, deviceKey: DeviceKey, batch: number): Estimate;
}

export interface FitOptions {
  /**
   * Milliseconds of a part in its place, where measured, by `partKey`; their sum is then the base of the
   * model.
   */
  readonly lookup?: ReadonlyMap<string, number>;
  /** default 0.9 */
  readonly confidence?: number;
}

/** Of architectures that were asked for before: each fold of a cross-validation asks for all again. */
const known = new WeakMap<Architecture, readonly string[]>();

/** Keys of the parts in the lookup: kind, type, parameters, width, stride and input size. */
export function partKeys(architecture: Architecture): readonly string[] {
  const found = known.get(architecture) ?? newPartKeys(architecture);
  known.set(architecture, found);
  return found;
}

function newPartKeys(architecture: Architecture): readonly string[] {
  const outputs = networkCost(architecture).parts;
  let input: { readonly height: number; readonly width: number; readonly channels: number } =
    architecture.input;
  return networkParts(architecture).map((part, index) => {
    const key = partKey(part.kind, part.spec, positionOf(part), input);
    input = outputs[index]!.output;
    return key;
  });
}

type NetworkPart = ReturnType<typeof networkParts>[number];

/** What the cost of a part depends on besides its parameters and its input. */
function positionOf(part: NetworkPart): Readonly<Record<string, number>> {
  switch (part.kind) {
    case 'block':
      return { width: part.context.width, stride: part.context.stride };
    case 'head':
      return { classes: part.classes };
    default:
      return { width: part.width };
  }
}

type Parameters = Architecture['stem']['params'];
/** Members of a space share parameter objects: each key is computed once per object and position. */
const written = new WeakMap<Parameters, Map<string, string>>();

function partKey(
  kind: string,
  { type, params }: { readonly type: string; readonly params: Parameters },
  place: Readonly<Record<string, number>>,
  input: { readonly height: number; readonly width: number; readonly channels: number },
): string {
  const map = `${input.height} ${input.width} ${input.channels}`;
  const where = `${kind} ${type} ${Object.values(place).join()} ${map}`;
  let places = written.get(params);
  if (places === undefined) written.set(params, (places = new Map()));
  let key = places.get(where);
  if (key === undefined) places.set(where, (key = canonicalJson({ kind, type, params, ...place, input })));
  return key;
}

const ridges = [1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100];
const fewest = 5;

/**
 * @param rows of one device key and batch; at least 5 networks
 * @throws UserError with fewer
 */
export function fitLatencyModel(
  rows: readonly MeasuredNetwork[],
  deviceKey: DeviceKey,
  batch: number,
  { lookup, confidence = 0.9 }: FitOptions = {},
): LatencyModel {
  if (rows.length < fewest)
    throw new UserError(
      `latency model: at least ${fewest} measured networks are needed, got ${rows.length}`,
      { fix: 'profile a few more members of the space' },
    );
  const scale = rows.reduce((sum, { stepMs }) => sum + stepMs, 0) / rows.length;
  const features = featureSpace(rows, lookup, scale);
  const raw = rows.map(({ architecture }) => features.of(architecture));
  const { centres, spreads } = standardisation(raw);
  const design = new Matrix(raw.map((row) => row.map((value, j) => (value - centres[j]!) / spreads[j]!)));
  const target = Matrix.columnVector(rows.map(({ stepMs }) => stepMs / scale));
  const unpenalised = lookup === undefined ? 1 : 2;
  const best = ridges
    .map((ridge) => fitRidge(design, target, ridge, unpenalised))
    .reduce((a, b) => (b.error < a.error ? b : a));
  // Relative to the prediction, so that one interval serves small and large networks.
  const errors = best.residuals.map((residual, i) =>
    Math.abs(residual / Math.max(1e-9, rows[i]!.stepMs / scale - residual)),
  );
  const reach = quantile(errors, Math.min(1, (confidence * (rows.length + 1)) / rows.length));
  const weights = raw[0]!.map((_, j) => best.coefficients.get(j, 0) / spreads[j]!);
  const sumOf = fittedSum(weights, centres, features, lookup, scale);
  const assertKey = keyGuard(deviceKey, batch);
  return {
    deviceKey,
    batch,
    networks: rows.length,
    leaveOneOutError: quantile(errors, 0.5),
    reach,
    predict(architecture, asked, askedBatch) {
      assertKey(asked, askedBatch);
      const value = Math.max(1e-6, sumOf(architecture)) * scale;
      return { value, low: value * Math.max(0, 1 - reach), high: value * (1 + reach), samples: rows.length };
    },
  };
}

interface FeatureSpace {
  /** Part keys of the fitted networks: one count feature each, after the other features. */
  readonly columns: readonly string[];
  /** `[1, lookup sum where there is one, MACs, activation bytes, counts of the columns…]` */
  of(architecture: Architecture): number[];
}

function featureSpace(
  rows: readonly MeasuredNetwork[],
  lookup: FitOptions['lookup'],
  scale: number,
): FeatureSpace {
  const columns = [...new Set(rows.flatMap(({ architecture }) => partKeys(architecture)))].sort();
  return {
    columns,
    of(architecture) {
      const keys = partKeys(architecture);
      const counts = new Map<string, number>();
      for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
      const { macs, activationBytes } = networkCost(architecture).total;
      const base =
        lookup === undefined ? [] : [keys.reduce((sum, key) => sum + (lookup.get(key) ?? 0), 0) / scale];
      return [
        1,
        ...base,
        macs / 1e8,
        activationBytes / 1e6,
        ...columns.map((column) => counts.get(column) ?? 0),
      ];
    },
  };
}

/** Mean and standard deviation of each feature `[rows][features]`; the constant stays as it is. */
function standardisation(raw: readonly (readonly number[])[]): { centres: number[]; spreads: number[] } {
  const centres = raw[0]!.map((_, j) =>
    j === 0 ? 0 : raw.reduce((sum, row) => sum + row[j]!, 0) / raw.length,
  );
  const deviation = (j: number): number =>
    Math.sqrt(raw.reduce((sum, row) => sum + (row[j]! - centres[j]!) ** 2, 0) / raw.length) || 1;
  return { centres, spreads: centres.map((_, j) => (j === 0 ? 1 : deviation(j))) };
}

/**
 * The fitted linear function as a sum over parts, in units of `scale`. The standardisation is folded into
 * `weights`, so that millions of members cost one look-up per part.
 */
function fittedSum(
  weights: readonly number[],
  centres: readonly number[],
  { columns }: FeatureSpace,
  lookup: FitOptions['lookup'],
  scale: number,
): (architecture: Architecture) => number {
  const constant = weights.reduce((sum, weight, j) => sum - weight * centres[j]!, 0) + weights[0]!;
  const tail = weights.length - columns.length;
  const weightOf = new Map(columns.map((column, index) => [column, weights[tail + index]!]));
  const contribution = (key: string): number =>
    (weightOf.get(key) ?? 0) + (lookup === undefined ? 0 : (weights[1]! * (lookup.get(key) ?? 0)) / scale);
  const sumsOf = memoizedSums(
    (kind, part, position, input) => contribution(partKey(kind, part, position, input)),
    (architecture) => directSums(architecture, partKeys(architecture).map(contribution)),
  );
  return (architecture) => {
    const { value, macs, activationBytes } = sumsOf(architecture);
    return (
      constant + (weights[tail - 2]! * macs) / 1e8 + (weights[tail - 1]! * activationBytes) / 1e6 + value
    );
  };
}

/** @returns a check that throws UserError for another device key or batch size */
function keyGuard(deviceKey: DeviceKey, batch: number): (asked: DeviceKey, askedBatch: number) => void {
  const own = canonicalJson(deviceKey);
  let lastKey = deviceKey; // callers pass the same object for every network: it is compared once
  return (asked, askedBatch) => {
    if (askedBatch !== batch)
      throw new UserError(`latency model: holds for batch ${batch} only, got ${askedBatch}`, {
        fix: 'measure some networks at that batch size',
      });
    if (asked !== lastKey && canonicalJson(asked) !== own)
      throw new UserError(
        `latency model: holds for one device key only (${deviceKey.device}), got ${asked.device}`,
        { fix: 'measure some networks on that device' },
      );
    lastKey = asked;
  };
}

export interface ModelCheck {
  readonly rank: RankCorrelation;
  /** Median of the absolute relative errors. */
  readonly error: number;
  /** Share of held-out networks whose time lies in their interval. */
  readonly coverage: number;
  readonly networks: number;
}

/** Accuracy of the model on networks that it was not fitted to. */
export function checkLatencyModel(model: LatencyModel, heldOut: readonly MeasuredNetwork[]): ModelCheck {
  const predictions = heldOut.map(({ architecture }) =>
    model.predict(architecture, model.deviceKey, model.batch),
  );
  const errors = heldOut.map(({ stepMs }, i) => Math.abs(predictions[i]!.value - stepMs) / stepMs);
  return {
    rank: kendallTau(
      heldOut.map(({ stepMs }) => stepMs),
      predictions.map(({ value }) => value),
    ),
    error: quantile(errors, 0.5),
    coverage:
      heldOut.filter(({ stepMs }, i) => predictions[i]!.low <= stepMs && stepMs <= predictions[i]!.high)
        .length / heldOut.length,
    networks: heldOut.length,
  };
}

/**
 * Ridge regression with leave-one-out residuals, e / (1 − leverage). The first `free` columns are not
 * penalised: the intercept, and the lookup sum, which the rest only corrects.
 */
function fitRidge(
  design: Matrix,
  target: Matrix,
  ridge: number,
  free: number,
): { coefficients: Matrix; residuals: number[]; error: number } {
  const penalty = Matrix.eye(design.columns).mul(ridge);
  for (let j = 0; j < free; j++) penalty.set(j, j, 1e-9);
  const transposed = design.transpose();
  const solver = solve(transposed.mmul(design).add(penalty), transposed); // [columns, rows]
  const coefficients = solver.mmul(target);
  const fitted = design.mmul(coefficients);
  const residuals = Array.from({ length: design.rows }, (_, i) => {
    const leverage = Math.min(
      0.999,
      design.getRow(i).reduce((sum, value, j) => sum + value * solver.get(j, i), 0),
    );
    return (target.get(i, 0) - fitted.get(i, 0)) / (1 - leverage);
  });
  return { coefficients, residuals, error: residuals.reduce((sum, residual) => sum + residual ** 2, 0) };
}
