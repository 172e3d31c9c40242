/** Named measurement protocols and how an experiment file changes them. */
import type { ParamTable, ParamValues } from '../../util/params.js';

/** The measurement protocol; stored with every row. */
export interface Protocol {
  readonly warmupMs: number; // 200: shortest warm-up
  readonly warmupCapMs: number; // 3000: after it the row is marked not-steady
  // 20: shortest timed block, grown until timer and read-back are under 0.1 % of it
  readonly minBlockMs: number;
  readonly halfWidth: number; // 0.005: stop when the relative 95 % half-width of the time is at most this
  readonly capMs: number; // 2000: or when this much time is spent on a batch
  readonly latencySamples: number; // 200: calls timed singly, apart from throughput
}

/** The defaults of docs/measurement.md. */
export const standardProtocol: Protocol = {
  warmupMs: 200,
  warmupCapMs: 3000,
  minBlockMs: 20,
  halfWidth: 0.005,
  capMs: 2000,
  latencySamples: 200,
};

/** Parameters of the `profile throughput(…)` setting; the lab adds `batches` and `launches`. */
export const protocolParams = {
  'warm-up-ms': {
    kind: 'int',
    min: 0,
    max: 600_000,
    default: standardProtocol.warmupMs,
    doc: 'shortest warm-up, ms',
  },
  'warm-up-cap-ms': {
    kind: 'int',
    min: 0,
    max: 600_000,
    default: standardProtocol.warmupCapMs,
    doc: 'longest warm-up, ms; after it a row is marked not-steady',
  },
  'block-ms': {
    kind: 'int',
    min: 1,
    max: 60_000,
    default: standardProtocol.minBlockMs,
    doc: 'shortest timed block, ms',
  },
  'half-width': {
    kind: 'number',
    min: 0.0001,
    max: 1,
    default: standardProtocol.halfWidth,
    doc: 'aimed 95 % half-width of the estimated time, as a fraction',
  },
  'cap-ms': {
    kind: 'int',
    min: 1,
    max: 3_600_000,
    default: standardProtocol.capMs,
    doc: 'longest measuring time of one batch, ms',
  },
  'latency-samples': {
    kind: 'int',
    min: 0,
    max: 100_000,
    default: standardProtocol.latencySamples,
    doc: 'calls timed singly',
  },
} as const satisfies ParamTable;

/** @param values checked against `protocolParams` by the caller; missing ones take the standard's */
export function protocolFrom(values: ParamValues): Protocol {
  const number = (name: keyof typeof protocolParams): number =>
    Number(values[name] ?? protocolParams[name].default);
  return {
    warmupMs: number('warm-up-ms'),
    warmupCapMs: number('warm-up-cap-ms'),
    minBlockMs: number('block-ms'),
    halfWidth: number('half-width'),
    capMs: number('cap-ms'),
    latencySamples: number('latency-samples'),
  };
}
