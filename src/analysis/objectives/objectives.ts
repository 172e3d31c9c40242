/**
 * Table of objectives: the quantities of axes, columns and fronts, one entry each. An objective with
 * `perBatch` is read at a batch size in images.
 */
import type { CandidateResult, ExperimentResult } from '../../store/experiment-result.js';
import type { Direction } from '../../util/pareto/directed.js';
import type { Interval } from '../../util/statistics/interval.js';
import { exactInterval, unknownInterval } from '../../util/statistics/interval.js';
import { meanInterval } from '../../util/statistics/student.js';
import type { NumberFormat } from '../number-text.js';
import { formatText } from '../number-text.js';
import { canonicalQuantity, type QuantityName, quantityNames } from './quantity-names.js';

/** Provenance of a number, stated in every figure. Predicted numbers are not objectives. */
export type Provenance = 'measured' | 'counted' | 'inferred';

interface ObjectiveKind {
  readonly label: string;
  /** As a column's head. */
  readonly short: string;
  /** Unit as displayed; '' for pure counts. */
  readonly unit: string;
  readonly better: Direction;
  readonly perBatch: boolean;
  /** Factor from the stored to the displayed number. */
  readonly scale: number;
  /** Description of the interval, stated in reports. */
  readonly interval: string;
  readonly provenance: Provenance;
  read(candidate: CandidateResult, batch: number): Interval | undefined;
  readonly format: NumberFormat;
}

/** Scores of networks; every other objective is a cost. */
export type ScoreName = 'top-1' | 'miou' | 'loss';
export const scoreNames: readonly string[] = ['top-1', 'miou', 'loss'] satisfies ScoreName[];

const profileAt = (candidate: CandidateResult, batch: number) =>
  candidate.profiles.find((profile) => profile.batch === batch);

export const objectiveKinds = {
  'top-1': {
    label: 'Top-1 accuracy',
    short: 'top-1',
    unit: '%',
    better: 'higher',
    perBatch: false,
    scale: 100,
    interval:
      '95 % of the mean over seeds, ' +
      'with the seed variance pooled over networks and the images’ sampling error; ' +
      'none where no network has two seeds',
    provenance: 'measured',
    read: (candidate) => candidate.top1,
    format: 'measured',
  },
  miou: {
    label: 'Mean IoU',
    short: 'mIoU',
    unit: '%',
    better: 'higher',
    perBatch: false,
    scale: 100,
    interval:
      '95 % of the mean over seeds, with the seed variance pooled over networks; ' +
      'none where no network has two seeds',
    provenance: 'measured',
    read: (candidate) => candidate.miou,
    format: 'measured',
  },
  loss: {
    label: 'Validation loss',
    short: 'loss',
    unit: '',
    better: 'lower',
    perBatch: false,
    scale: 1,
    interval:
      '95 % of the mean over seeds, with the seed variance pooled over networks; ' +
      'none where no network has two seeds',
    provenance: 'measured',
    read: (candidate) => candidate.loss,
    format: 'measured',
  },
  'images-per-second': {
    label: 'Images per second',
    short: 'images/s',
    unit: 'images/s',
    better: 'higher',
    perBatch: true,
    scale: 1,
    interval: '95 % of the time, estimated from the timed blocks of all launches',
    provenance: 'measured',
    read: (candidate, batch) => profileAt(candidate, batch)?.imagesPerSecond,
    format: 'measured',
  },
  latency: {
    label: 'Latency p50',
    short: 'ms p50',
    unit: 'ms',
    better: 'lower',
    perBatch: true,
    scale: 1,
    interval: '95 % (Student t) over the logarithms of the launches’ medians; none with one launch',
    provenance: 'measured',
    read: (candidate, batch) => {
      const profile = profileAt(candidate, batch);
      if (!profile?.latencyMs) return undefined;
      const spread = meanInterval(
        profile.launches.flatMap((launch) => (launch.latencyMs ? [Math.log(launch.latencyMs.p50)] : [])),
      );
      const value = profile.latencyMs.p50;
      const factor = spread ? Math.exp(spread.high - spread.value) : 1;
      if (factor === 1) return unknownInterval(value);
      return { value, low: value / factor, high: value * factor };
    },
    format: 'measured',
  },
  'relative-time': {
    label: 'Time against the anchor network',
    short: '× anchor',
    unit: '×',
    better: 'lower',
    perBatch: true,
    scale: 1,
    interval:
      '95 % of the paired ratio to the anchor over all launches, free of drift that both share; ' +
      'measured with profile throughput(anchor: true)',
    provenance: 'measured',
    read: (candidate, batch) => profileAt(candidate, batch)?.anchorRatio,
    format: 'measured',
  },
  params: {
    label: 'Parameters',
    short: 'params',
    unit: '',
    better: 'lower',
    perBatch: false,
    scale: 1,
    interval: 'exact',
    provenance: 'counted',
    read: (candidate) => exactInterval(candidate.params),
    format: 'count',
  },
  macs: {
    label: 'MACs per image',
    short: 'MACs',
    unit: '',
    better: 'lower',
    perBatch: false,
    scale: 1,
    interval: 'exact',
    provenance: 'counted',
    read: (candidate) => exactInterval(candidate.macs),
    format: 'count',
  },
  'activation-bytes': {
    label: 'Peak live activations',
    short: 'live',
    unit: 'B',
    better: 'lower',
    perBatch: false,
    scale: 1,
    interval: 'exact for one image in float32',
    provenance: 'inferred',
    read: (candidate) => exactInterval(candidate.activationBytes),
    format: 'bytes',
  },
  'peak-bytes': {
    label: 'Peak memory',
    short: 'peak',
    unit: 'B',
    better: 'lower',
    perBatch: true,
    scale: 1,
    interval: 'none: highest of all launches',
    provenance: 'measured',
    read: (candidate, batch) => {
      const peak = profileAt(candidate, batch)?.peakBytes;
      return peak === undefined ? undefined : exactInterval(peak);
    },
    format: 'bytes',
  },
} satisfies Record<QuantityName, ObjectiveKind>;

export type ObjectiveName = keyof typeof objectiveKinds;

/** One objective, its batch size settled. */
export interface Objective {
  /** `top-1`, `images-per-second@16`. */
  readonly id: string;
  readonly name: ObjectiveName;
  readonly batch?: number;
  /** `Images per second, batch 16`. */
  readonly label: string;
  readonly short: string;
  readonly unit: string;
  readonly better: Direction;
  readonly scale: number;
  readonly interval: string;
  readonly provenance: Provenance;
  readonly format: NumberFormat;
  read(candidate: CandidateResult): Interval | undefined;
  /** The number with its interval and unit, as displayed. */
  text(measured: Interval): string;
}

/** Objectives made so far: tables read some by the ten thousand, and fronts are kept by them. */
const made = new Map<string, Objective>();

/** @throws RangeError where a batch is needed and missing, or given and not needed */
export function objective(name: ObjectiveName, batch?: number): Objective {
  const key = `${name}@${batch}`;
  const found = made.get(key) ?? newObjective(name, batch);
  made.set(key, found);
  return found;
}

function newObjective(name: ObjectiveName, batch: number | undefined): Objective {
  const kind: ObjectiveKind = objectiveKinds[name];
  if (kind.perBatch !== (batch !== undefined))
    throw new RangeError(
      `objective ${name}: ${kind.perBatch ? 'needs a batch size' : 'takes no batch size'}, got ${batch}`,
    );
  const { label, short, unit, better, scale, interval, provenance, format } = kind;
  return {
    id: batch === undefined ? name : `${name}@${batch}`,
    name,
    ...(batch === undefined ? {} : { batch }),
    label: batch === undefined ? label : `${label}, batch ${batch}`,
    short: batch === undefined ? short : `${short} @${batch}`,
    unit,
    better,
    scale,
    interval,
    provenance,
    format,
    read: (candidate) => kind.read(candidate, batch ?? 0),
    text: (measured) =>
      [formatText(format, measured, scale), format === 'measured' ? unit : ''].filter(Boolean).join(' '),
  };
}

/** A label within a sentence: `top-1 accuracy`, `MACs per image`. */
export const inSentence = ({ label }: { readonly label: string }): string =>
  /^[A-Z]{2}/.test(label) ? label : label[0]!.toLowerCase() + label.slice(1);

/** `images-per-second@16` or `throughput@16` → the objective; undefined for a text that names none. */
export function parseObjective(text: string): Objective | undefined {
  const [name = '', batch, ...rest] = canonicalQuantity(text).split('@');
  if (!Object.hasOwn(objectiveKinds, name) || rest.length > 0) return undefined;
  const { perBatch } = objectiveKinds[name as ObjectiveName];
  if (perBatch !== (batch !== undefined) || (batch !== undefined && !/^[1-9]\d*$/.test(batch)))
    return undefined;
  return objective(name as ObjectiveName, batch === undefined ? undefined : Number(batch));
}

/** Batch sizes of all profiles, ascending. */
export function batchesOf(result: Pick<ExperimentResult, 'candidates'>): number[] {
  return [
    ...new Set(result.candidates.flatMap((candidate) => candidate.profiles.map((profile) => profile.batch))),
  ].sort((a, b) => a - b);
}

/** `images-per-second@16` → its label, unit, direction and other names, one line each. */
export const quantityMeanings: Readonly<Record<string, string>> = Object.fromEntries(
  (Object.keys(objectiveKinds) as ObjectiveName[]).map((name) => {
    const { label, better, perBatch, ...kind }: ObjectiveKind = objectiveKinds[name];
    const unit = kind.unit === 'images/s' ? '' : kind.unit;
    const others = quantityNames[name].map((other) => `\`${other}\``).join(', ');
    return [
      perBatch ? `${name}@16` : name,
      `${label}${unit && ` in ${unit}`}` +
        `${perBatch ? ', at batch size 16 or another' : ''}; ${better} is better; also ${others}`,
    ];
  }),
);

/** Costs that at least one candidate of this result has. */
export function costObjectives(result: Pick<ExperimentResult, 'candidates'>): Objective[] {
  const batches = batchesOf(result);
  return (Object.keys(objectiveKinds) as ObjectiveName[])
    .filter((name) => !scoreNames.includes(name))
    .flatMap((name) =>
      objectiveKinds[name].perBatch ? batches.map((batch) => objective(name, batch)) : [objective(name)],
    )
    .filter((each) => result.candidates.some((candidate) => each.read(candidate)));
}

/**
 * The default cost of a result: the first cost objective of the experiment that a candidate has; else
 * throughput at the batch most candidates were measured at (the largest of these); else MACs.
 */
export function mainCost(result: Pick<ExperimentResult, 'candidates' | 'experiment'>): Objective {
  const own = result.experiment.objectives
    .flatMap((name) => parseObjective(name) ?? [])
    .find(
      (each) =>
        !scoreNames.includes(each.name) && result.candidates.some((candidate) => each.read(candidate)),
    );
  if (own) return own;
  const measured = (each: Objective): number =>
    result.candidates.filter((candidate) => each.read(candidate)).length;
  const rates = batchesOf(result).map((batch) => objective('images-per-second', batch));
  const best = rates.reduce<Objective | undefined>(
    (chosen, each) => (measured(each) >= Math.max(1, chosen ? measured(chosen) : 0) ? each : chosen),
    undefined,
  );
  return best ?? objective('macs');
}
