/**
 * Determines the runtime and device of a run's jobs, in a child, so that this process never loads an engine.
 */

import { childJob, runJob } from '../runtime/child/job.js';
import type { ComputeOptions } from '../runtime/compute.js';
import type { DeviceKey, Execution, RuntimeId } from '../runtime/runtime.js';
import { UserError } from '../util/errors.js';
import type { Ceilings } from './profile-result.js';
import { chooseXla, mayChooseXla, type XlaProbe, xlaVariable } from './xla/choose-xla.js';
import { measureAnchor } from './xla/measure-anchor.js';

/** `xla` absent: on a GPU, as a probe of the device chose; false: never. */
export interface ProbeRequest extends ComputeOptions {
  readonly runtime: RuntimeId | 'auto';
  readonly execution: Execution | 'auto';
  readonly threads: number;
  /** Also measure the highest rates that the device reaches. */
  readonly ceilings?: boolean;
}

export interface Probe {
  readonly runtime: RuntimeId;
  readonly execution: Execution;
  /** As requested; every job on this device must open with the same. */
  readonly compute: ComputeOptions;
  readonly deviceKey: DeviceKey;
  /** Present where the request has `ceilings`. */
  readonly ceilings?: Ceilings;
}

export type ProbeMessage =
  | { readonly type: 'probe'; readonly probe: Probe }
  | { readonly type: 'refused'; readonly message: string; readonly fix: string };

export const probeJob = childJob<ProbeRequest, ProbeMessage>({
  name: 'probe',
  entry: 'profile/profile-child.js',
  silenceLimitMs: 120_000,
});

export interface ProbeOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether stored rows that are to be continued were measured with XLA; undefined where there are none.
   * @param key of the device without XLA
   */
  earlierXla?(key: DeviceKey): boolean | undefined;
  /** Tests pass made times. */
  readonly xlaProbe?: XlaProbe;
  /** Opens the runtime in a child; tests pass another. */
  readonly open?: typeof openDevice;
}

/**
 * Opens the requested runtime in a child and returns what it is. Where the request leaves XLA open, rows that
 * are continued keep theirs, and a GPU has it where it won a probe (xla/choose-xla.ts).
 * @throws UserError where the runtime cannot be opened; InterruptedError when `signal` aborts
 */
export async function probeDevice(request: ProbeRequest, options: ProbeOptions = {}): Promise<Probe> {
  const { signal, earlierXla, open = openDevice } = options;
  const probe = await open(request, signal);
  const xlaProbe = options.xlaProbe ?? {
    measure: measureAnchor(probe, signal),
    env: process.env,
    now: () => new Date(),
  };
  if (request.xla !== undefined || !mayChooseXla(probe.deviceKey) || xlaProbe.env[xlaVariable] === 'off')
    return probe;
  const xla = earlierXla?.(probe.deviceKey) ?? (await chooseXla(probe.deviceKey, xlaProbe)).xla;
  return xla ? open({ ...request, xla }, signal) : probe;
}

async function openDevice(request: ProbeRequest, signal: AbortSignal | undefined): Promise<Probe> {
  let probe: Probe | undefined;
  let refusal: UserError | undefined;
  const failure = await runJob(
    probeJob,
    request,
    {
      probe: (message) => {
        probe = message.probe;
      },
      refused: ({ message, fix }) => {
        refusal = new UserError(message, fix === '' ? {} : { fix });
      },
    },
    { signal },
  );
  if (probe) return probe;
  throw (
    refusal ??
    new UserError(`runtime: ${request.runtime} could not be opened, got ${failure?.reason ?? 'no answer'}`, {
      fix: 'run `npx stagecraft doctor` for details',
    })
  );
}
