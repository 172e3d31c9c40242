/** The columns of the result tables and what each holds, by name: one kind a name in all tables. */

/** `count`: whole numbers; `front`, `tied` and `biased` are 0 or 1. */
export type ColumnKind = 'text' | 'count' | 'number';

const bounds = <const Name extends string>(
  name: Name,
): Record<Name | `${Name}-low` | `${Name}-high`, 'number'> =>
  ({ [name]: 'number', [`${name}-low`]: 'number', [`${name}-high`]: 'number' }) as Record<
    Name | `${Name}-low` | `${Name}-high`,
    'number'
  >;

export const columnKinds = {
  id: 'text',
  arm: 'text',
  layout: 'text',
  kind: 'text',
  widths: 'text',
  params: 'count',
  macs: 'count',
  'activation-bytes': 'count',
  seeds: 'count',
  ...bounds('top-1'),
  ...bounds('miou'),
  ...bounds('loss'),
  'score-resolution': 'number',
  'test-images': 'count',
  'test-top-1': 'number',
  'test-miou': 'number',
  'test-loss': 'number',
  front: 'count',
  tied: 'count',
  failures: 'text',
  'device-id': 'text',
  seed: 'count',
  status: 'text',
  epochs: 'count',
  seconds: 'number',
  reason: 'text',
  batch: 'count',
  launches: 'count',
  launch: 'count',
  ...bounds('step-ms'),
  estimator: 'text',
  ...bounds('images-per-second'),
  ...bounds('latency'),
  'latency-p90': 'number',
  'latency-p99': 'number',
  ...bounds('relative-time'),
  'peak-bytes': 'count',
  'base-bytes': 'count',
  'build-ms': 'number',
  'first-run-ms': 'number',
  flags: 'text',
  resolution: 'number',
  relevance: 'number',
  biased: 'count',
} as const satisfies Record<string, ColumnKind>;

export type ColumnName = keyof typeof columnKinds;
