/** Times the anchor network in a child, with or without XLA. */
import type { ComputeOptions } from '../../runtime/compute.js';
import type { DeviceKey, Execution, RuntimeId } from '../../runtime/runtime.js';
import { profileInChild } from '../candidate/run-profile.js';
import { standardProtocol } from '../protocol/protocol.js';
import { anchorNetwork } from '../session/anchor-network.js';
import type { XlaProbe } from './choose-xla.js';

/** Images: enough that a GPU computes, and does not only launch. */
const batch = 64;

/** What every launch is opened with, without XLA. */
interface Opened {
  readonly runtime: RuntimeId;
  readonly execution: Execution;
  readonly compute: ComputeOptions;
  readonly deviceKey: DeviceKey;
}

export const measureAnchor =
  (
    { runtime, execution, compute, deviceKey }: Opened,
    signal: AbortSignal | undefined,
  ): XlaProbe['measure'] =>
  async (xla, launch) => {
    const { batches } = await profileInChild(
      {
        architecture: anchorNetwork,
        batches: [batch],
        protocol: standardProtocol,
        threads: deviceKey.threads,
        runtime,
        execution,
        launch,
        ...compute,
        ...(xla && { xla }),
      },
      { signal, expectedKey: deviceKey },
    );
    const { stepMs, status, reason } = batches[0]!;
    return stepMs === undefined ? { failure: `${status}: ${reason}` } : { stepMs: stepMs.value };
  };
