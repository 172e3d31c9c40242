/** Zero-cost scores of one untrained network. */
import { placeOf } from '../../runtime/compute.js';
import { recordZeroCost } from '../../store/record-results.js';
import { zeroCostOfArchitecture } from '../../store/tables/zero-cost-table.js';
import { zeroCostInChild } from '../../train/zero-cost/run-zero-cost.js';
import type { ZeroCostName } from '../../train/zero-cost/zero-cost-table.js';
import { type Job, zeroCostSettings } from '../job.js';
import type { RunContext } from './run-context.js';

/** Measures of the experiment that the database lacks for this network. */
export function missingMeasures(job: Job, { experiment, store }: RunContext): ZeroCostName[] {
  const stored = new Set(
    zeroCostOfArchitecture(store, job.architectureId, zeroCostSettings(experiment)!).map(
      ({ measure }) => measure,
    ),
  );
  return experiment.train!.zeroCost!.measures.filter((measure) => !stored.has(measure));
}

/**
 * Stores the scores that the child reported, measures without a number included. Scores that a crashed child
 * did not report are computed again by the next run.
 */
export async function scoreJob(job: Job, context: RunContext, signal: AbortSignal): Promise<void> {
  const { experiment, store, probe, log, options } = context;
  const { dataset, zeroCost } = experiment.train!;
  const measures = missingMeasures(job, context);
  let done = 0;
  const result = await zeroCostInChild(
    {
      architecture: job.architecture,
      dataset: { ...dataset, baseFolder: experiment.baseFolder },
      measures,
      batch: zeroCost!.batch,
      seed: zeroCost!.seed,
      runtime: probe.runtime,
      ...placeOf(probe.compute),
      threads: experiment.workers.threads,
    },
    { signal, onScore: () => options.onEvent({ type: 'progress', job, share: ++done / measures.length }) },
  );
  const reported = result.scores.slice(0, done);
  recordZeroCost(store, job.architectureId, zeroCostSettings(experiment)!, { ...result, scores: reported });
  const reason = result.scores
    .filter(({ value }) => value === undefined)
    .map((each) => `${each.measure}: ${each.reason}`)
    .join('; ');
  const outcome = `${reported.length} of ${measures.length} measures${reason === '' ? '' : `; ${reason}`}`;
  log.write(`score ${job.layout} ${job.architectureId}: ${outcome}`);
  const seconds = reported.reduce((sum, each) => sum + each.seconds, 0).toFixed(1);
  options.onEvent(
    reason === ''
      ? { type: 'done', job, status: 'ok', reason: `${reported.length} measures in ${seconds} s` }
      : { type: 'done', job, status: 'partial', reason },
  );
}
