/** The weights that a network starts from, without an engine: those of `instantiate` with the same seed. */
import type { Init, Shape } from '../tensor/tensor-ops.js';
import { initialValues } from './tfjs/model/initial-values.js';
import { weightStream } from './tfjs/model/run-pass.js';

export interface DeclaredTensor {
  readonly path: string;
  readonly shape: Shape;
  /** Absent for running statistics: means are 0, variances 1. */
  readonly init?: Init;
}

/** Values by path. */
export function initialWeights(declared: readonly DeclaredTensor[], seed: number): Map<string, Float32Array> {
  const stream = weightStream(seed);
  return new Map(
    declared.map(({ path, shape, init }) => [
      path,
      initialValues(
        init ?? { kind: path.endsWith('running-variance') ? 'ones' : 'zeros' },
        shape,
        stream.fork(path),
      ),
    ]),
  );
}
