/** One profile: a process launch that measures one network, stored in one transaction. */
import { profileInChild } from '../../profile/candidate/run-profile.js';
import type { Probe } from '../../profile/probe.js';
import type { ProfileResult } from '../../profile/profile-result.js';
import { anchorNetwork } from '../../profile/session/anchor-network.js';
import { controlText, measureControl } from '../../profile/session/control.js';
import { recordProfile } from '../../store/record-results.js';
import { UserError } from '../../util/errors.js';
import { seededRandom } from '../../util/random.js';
import type { Experiment } from '../experiment.js';
import type { Job } from '../job.js';
import type { RunContext, RunOptions } from './run-context.js';

/**
 * Result of the run's A/A control, at the middle one of its batch sizes, as text for the report.
 */
export async function runControl(
  experiment: Experiment,
  probe: Probe,
  threads: number,
  { signal, onEvent }: RunOptions,
): Promise<string> {
  const { batches, protocol } = experiment.profile!;
  onEvent({ type: 'control', text: undefined });
  const plan = {
    runtime: probe.runtime,
    execution: probe.execution,
    ...probe.compute,
    threads,
    batch: batches[Math.floor(batches.length / 2)]!,
    protocol,
  };
  const text = await measureControl(plan, seededRandom('control'), { signal }).then(
    controlText,
    (error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      return `VOID: ${error.message}`; // candidates may run where the anchor does not
    },
  );
  onEvent({ type: 'control', text });
  return text;
}

/** @throws UserError where the device has changed since the run began */
export async function profileJob(
  job: Job,
  { experiment, store, sessionId, probe, threads, options, log }: RunContext,
  signal: AbortSignal,
): Promise<void> {
  const { batches, anchor, protocol } = experiment.profile!;
  const result = await profileInChild(
    {
      architecture: job.architecture,
      runtime: probe.runtime,
      execution: probe.execution,
      ...probe.compute,
      batches,
      threads,
      launch: job.replicate,
      protocol,
      ...(anchor ? { anchor: anchorNetwork } : {}),
      ...(probe.ceilings ? { ceilings: probe.ceilings } : {}),
    },
    {
      signal,
      expectedKey: probe.deviceKey,
      onProgress: (progress) =>
        options.onEvent({
          type: 'progress',
          job,
          profile: progress,
          share: Math.max(0, batches.indexOf(progress.batch)) / batches.length,
        }),
    },
  );
  assertSameDevice(result, probe);
  const { status, reason } = recordProfile(store, { trialId: job.id, sessionId }, result);
  log.write(
    `profile ${job.layout} ${job.architectureId} launch ${job.replicate}: ${status}${reason === '' ? '' : `: ${reason}`}`,
  );
  options.onEvent({ type: 'done', job, profile: result, status, reason });
}

/** Rows of different device keys never share a ranking: a device that changes during a run ends it. */
function assertSameDevice(result: ProfileResult, probe: Probe): void {
  const differs = (Object.keys(probe.deviceKey) as (keyof typeof probe.deviceKey)[]).find(
    (name) => result.deviceKey[name] !== probe.deviceKey[name],
  );
  if (differs === undefined) return;
  throw new UserError(
    `run: the device must stay the same during a run, got ${differs} ${JSON.stringify(result.deviceKey[differs])} after ${JSON.stringify(probe.deviceKey[differs])}`,
    { fix: 'run again: it goes on on the device that is there now' },
  );
}
