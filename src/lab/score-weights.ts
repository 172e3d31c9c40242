/** The accuracy of a weights file on a person's own data; stores nothing. */
import { resolve } from 'node:path';
import type { Architecture } from '../architecture/architecture.js';
import { probeDevice } from '../profile/probe.js';
import { computeOf, xlaOf } from '../runtime/compute.js';
import type { EvaluateMessage } from '../train/evaluate/evaluate-job.js';
import { evaluateInChild } from '../train/evaluate/run-evaluate.js';
import type { Experiment } from './experiment.js';

export interface ScoredWeights extends Omit<EvaluateMessage, 'type'> {
  readonly architecture: Architecture;
}

/**
 * @param experiment with the weights' architecture, data and runtime
 * @param weights their file, with classes and normalisation
 * @throws UserError where data, classes or weights do not fit; InterruptedError when `signal` aborts
 */
export async function scoreWeights(
  experiment: Experiment,
  weights: string,
  { split, batch, signal }: { split: 'test' | 'validation'; batch: number; signal: AbortSignal },
): Promise<ScoredWeights> {
  const { train, runtime, workers, baseFolder, architectures } = experiment;
  const { threads } = workers;
  const probe = await probeDevice(
    { runtime: runtime.id, execution: runtime.execution, ...computeOf(runtime), threads, ...xlaOf(runtime) },
    { signal },
  );
  const { split: record, score } = await evaluateInChild(
    {
      weights: { file: resolve(weights) },
      dataset: { ...train!.dataset, baseFolder },
      split,
      batch,
      runtime: probe.runtime,
      execution: probe.execution,
      ...probe.compute,
      threads,
    },
    { signal },
  );
  return { architecture: architectures[0]!, split: record, score };
}
