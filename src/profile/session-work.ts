/**
 * A child of a measuring session: holds one network warm at one batch size, and beside it the anchor, and times a block of each
 * whenever it is told to. Only one child of a session works at a time; the parent decides the order.
 *
 * The anchor lives in the same process because processes differ: on one virtual machine the same network ran up to 5 % apart
 * from process to process, while two instances within a process agreed to 0.5 %. Their ratio is free of that.
 */
import { failureOfError, type Failure } from '../runtime/child/messages.js';
import type { Say } from '../runtime/child/serve.js';
import type { Architecture } from '../architecture/architecture.js';
import type { DeviceKey, Execution, Inference, RuntimeId } from '../runtime/contract.js';
import type { Protocol } from './contract.js';
import type { OpenRuntime } from './profile-work.js';
import { passesFor, readBackCost, timeBlock, warmUp, type Block } from './protocol.js';

export interface SessionRequest {
  readonly architecture: Architecture;
  readonly anchor: Architecture;
  readonly runtime: RuntimeId;
  readonly execution: Execution;
  readonly threads: number;
  readonly batch: number;
  readonly protocol: Protocol;
}

/** Warm up again, or time one block of each network. */
export type SessionCommand = { readonly kind: 'warm' } | { readonly kind: 'block'; readonly anchorFirst: boolean };

export type SessionMessage =
  | { readonly type: 'opened'; readonly deviceKey: DeviceKey }
  | { readonly type: 'built'; readonly buildMs: number; readonly firstRunMs: number }
  | { readonly type: 'warm'; readonly steady: boolean; readonly stepMs: number; readonly passes: number }
  | { readonly type: 'block'; readonly block: Block; readonly anchor: Block }
  | { readonly type: 'failed'; readonly failure: Failure };

const weightSeed = 1;

export function sessionWork(open: OpenRuntime): (request: SessionRequest, say: Say, commands: AsyncIterable<SessionCommand>) => Promise<void> {
  return async (request, say, commands) => {
    const tell = (message: SessionMessage): void => say(message);
    const around = { now: () => performance.now(), pause: () => new Promise<void>((resolve) => { setImmediate(resolve); }) };
    try {
      const runtime = await open({ runtime: request.runtime, threads: request.threads });
      tell({ type: 'opened', deviceKey: runtime.deviceKey(request.execution) });
      const [inference, anchor] = [request.architecture, request.anchor].map((architecture) =>
        runtime.instantiate(architecture, { seed: weightSeed }).inference({ batch: request.batch, execution: request.execution })) as [Inference, Inference];
      for (const network of [inference, anchor]) {
        network.enqueue();
        await network.synchronise();
      }
      tell({ type: 'built', buildMs: inference.buildMs, firstRunMs: inference.firstRunMs });
      let [passes, anchorPasses] = [1, 1];
      for await (const command of commands) {
        if (command.kind === 'warm') {
          const anchorWarm = await warmUp(anchor, request.protocol, around);
          const warm = await warmUp(inference, request.protocol, around);
          const overheadMs = await readBackCost(inference, around);
          passes = passesFor(warm.stepMs, overheadMs, request.protocol);
          anchorPasses = passesFor(anchorWarm.stepMs, overheadMs, request.protocol);
          tell({ type: 'warm', steady: warm.steady, stepMs: warm.stepMs, passes });
        } else {
          // Another network has just used the caches: one pass outside the timed region brings this one's data back.
          const fresh = async (network: Inference, count: number): Promise<Block> => {
            await timeBlock(network, 1, around.now);
            return timeBlock(network, count, around.now);
          };
          const early = command.anchorFirst ? await fresh(anchor, anchorPasses) : undefined;
          const block = await fresh(inference, passes);
          tell({ type: 'block', block, anchor: early ?? await fresh(anchor, anchorPasses) });
        }
      }
    } catch (error) {
      tell({ type: 'failed', failure: failureOfError(error) });
    }
  };
}
