/**
 * One pass over a network: opens the context that gives `TensorOps` its weights, state and random numbers.
 */
import { createHash } from 'node:crypto';
import type { Shape, TensorOps } from '../../../tensor/tensor-ops.js';
import { type Random, seededRandom } from '../../../util/random.js';
import type { Tensor } from '../native-engine.js';
import { joinPath, type OpsContext } from '../ops/ops-context.js';
import type { Platform } from '../platform.js';
import { initialValues } from './initial-values.js';
import type { StateStore } from './state-store.js';

export interface PassOptions {
  readonly training: boolean;
  /** Draws the initial values of weights that are not declared yet. */
  readonly initial: Random;
  /** Values of weights by path, where the caller differentiates by them. */
  readonly weights?: ReadonlyMap<string, Tensor>;
  /** Seed and step counter of the random numbers that the graph draws. */
  readonly random?: { readonly seed: number; readonly step: Tensor };
  /** Scales drop-path rates. */
  readonly dropPathShare?: Tensor | undefined;
  /** Of batch norm, in place of its own. */
  readonly momentum?: number | undefined;
}

/** Runs `body` with ops whose weights are in `store`; each weight is read from the device once. */
export function runPass<R>(
  platform: Platform,
  store: Pick<StateStore, 'declare'>,
  options: PassOptions,
  body: (ops: TensorOps<Tensor>) => R,
): R {
  let path = '';
  const enter = (to: string): void => {
    path = to;
    if (platform.native) platform.native.scopePath = to;
  };
  let draws = 0;
  const reads = new Map<string, Tensor>(options.weights);
  const context: OpsContext = {
    tf: platform.tf,
    training: options.training,
    dropPathShare: options.dropPathShare,
    momentum: options.momentum,
    path: () => path,
    scope(name, inner) {
      const outer = path;
      enter(joinPath(outer, name));
      try {
        return inner();
      } finally {
        enter(outer);
      }
    },
    weight(weightPath, shape, init) {
      const known = reads.get(weightPath);
      if (known) {
        if (known.shape.join() !== shape.join())
          throw new Error(
            `weight ${JSON.stringify(weightPath)}: ` +
              `read with shape [${known.shape.join()}], got [${shape.join()}]`,
          );
        return known;
      }
      const variable = store.declare(weightPath, shape, true, () =>
        initialValues(init, shape, options.initial.fork(weightPath)),
      );
      const tensor = variable.read();
      reads.set(weightPath, tensor);
      return tensor;
    },
    statistic(name, channels, initial) {
      return store.declare(joinPath(path, name), [channels], false, () =>
        new Float32Array(channels).fill(initial),
      );
    },
    uniform(shape: Shape) {
      if (!options.random) throw new Error('uniform: random numbers are drawn in training only');
      return platform.uniform(shape, drawKey(options.random.seed, draws++), options.random.step);
    },
  };
  return body(platform.ops(context));
}

/** A 31-bit key for the n-th draw of a pass. */
export const drawKey = (seed: number, draw: number | string): number =>
  createHash('sha256').update(`${seed}/${draw}`).digest().readInt32LE(0) & 0x7fffffff;

/** The stream of a model's initial weights. */
export const weightStream = (seed: number): Random => seededRandom(seed).fork('weights');
