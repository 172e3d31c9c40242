/**
 * Which runtime and device the jobs of this run will have: asked of a child, so that this process never loads
 * an engine.
 */

import type { Ceilings } from '../profile/profile-result.js';
import { failureOfOutcome } from '../runtime/child/messages.js';
import { builtEntry, runChild } from '../runtime/child/run-child.js';
import type { ComputeOptions } from '../runtime/compute.js';
import type { DeviceKey, Execution, RuntimeId } from '../runtime/runtime.js';
import { engineEnvironment } from '../setup/environment.js';
import { UserError } from '../util/errors.js';

export interface ProbeRequest extends ComputeOptions {
  readonly runtime: RuntimeId | 'auto';
  readonly execution: Execution | 'auto';
  readonly threads: number /** Measure what the device reaches at most, too. */;
  readonly ceilings?: boolean;
}

export interface Probe {
  readonly runtime: RuntimeId;
  readonly execution: Execution;
  /** As asked for; whatever this device's jobs open must get it too. */
  readonly compute: ComputeOptions;
  readonly deviceKey: DeviceKey;
  /** Where the request asked for them. */
  readonly ceilings?: Ceilings;
}

export type ProbeMessage =
  | { readonly type: 'probe'; readonly probe: Probe }
  | { readonly type: 'refused'; readonly message: string; readonly fix: string };

/**
 * @throws UserError where the runtime that was asked for cannot be opened; InterruptedError when `signal`
 * aborts
 */
export async function probeDevice(request: ProbeRequest, signal?: AbortSignal): Promise<Probe> {
  let answer: ProbeMessage | undefined;
  const outcome = await runChild({
    entry: builtEntry('lab/probe-child.js'),
    request,
    environment: engineEnvironment({ threads: request.threads }),
    silenceLimitMs: 120_000,
    ...(signal === undefined ? {} : { signal }),
    onMessage: (message) => {
      answer = message as ProbeMessage;
    },
  });
  if (answer?.type === 'probe') return answer.probe;
  if (answer?.type === 'refused')
    throw new UserError(answer.message, answer.fix === '' ? {} : { fix: answer.fix });
  throw new UserError(
    `runtime: ${request.runtime} could not be opened, got ${failureOfOutcome(outcome)?.reason ?? 'no answer'}`,
    { fix: 'stagecraft doctor says more' },
  );
}
