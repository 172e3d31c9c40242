/** One profile: a process launch that measures one network, stored in one transaction. */
import type { QuietWait } from '../../profile/candidate/quiet-gate.js';
import { profileInChild } from '../../profile/candidate/run-profile.js';
import type { Probe } from '../../profile/probe.js';
import type { ProfileResult } from '../../profile/profile-result.js';
import { anchorNetwork } from '../../profile/session/anchor-network.js';
import { recordProfile } from '../../store/record-results.js';
import { UserError } from '../../util/errors.js';
import type { Job } from '../job.js';
import type { RunContext } from './run-context.js';

/** @throws UserError where the device has changed since the run began */
export async function profileJob(
  job: Job,
  { experiment, store, sessionId, probe, threads, options, log, quiet }: RunContext,
  signal: AbortSignal,
): Promise<void> {
  const { batches, anchor, protocol } = experiment.profile!;
  const waited = await quiet.wait(threads, signal);
  const measured = await profileInChild(
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
  const result = waited === undefined ? measured : withWait(measured, waited);
  assertSameDevice(result, probe);
  const { status, reason } = recordProfile(store, { trialId: job.id, sessionId }, result);
  log.write(
    `profile ${job.layout} ${job.architectureId} launch ${job.replicate}: ` +
      `${status}${reason === '' ? '' : `: ${reason}`}`,
  );
  options.onEvent({ type: 'done', job, profile: result, status, reason });
}

/** The wait is part of the launch's environment. */
const withWait = (result: ProfileResult, { waitedMs, isQuiet }: QuietWait): ProfileResult => ({
  ...result,
  environment: {
    ...result.environment,
    quietWaitMs: Math.round(waitedMs),
    quietAtStart: isQuiet ? 'yes' : 'no',
  },
});

/** Rows of different device keys never share a ranking: a device that changes during a run ends it. */
function assertSameDevice(result: ProfileResult, probe: Probe): void {
  const differs = (Object.keys(probe.deviceKey) as (keyof typeof probe.deviceKey)[]).find(
    (name) => result.deviceKey[name] !== probe.deviceKey[name],
  );
  if (differs === undefined) return;
  throw new UserError(
    `run: the device must stay the same during a run, got ${differs} ` +
      `${JSON.stringify(result.deviceKey[differs])} after ${JSON.stringify(probe.deviceKey[differs])}`,
    { fix: 'run again: it goes on on the device that is there now' },
  );
}
