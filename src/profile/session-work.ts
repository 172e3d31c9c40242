/**
 * A child of a measuring session: holds one network warm at one batch size and times a block whenever it is told to. Only one
 * child of a session works at a time; the parent decides the order.
 */
import { failureOfError, type Failure } from '../runtime/child/messages.js';
import type { Say } from '../runtime/child/serve.js';
import type { Architecture } from '../architecture/architecture.js';
import type { DeviceKey, Execution, RuntimeId } from '../runtime/contract.js';
import type { Protocol } from './contract.js';
import type { OpenRuntime } from './profile-work.js';
import { passesFor, readBackCost, timeBlock, warmUp, type Block } from './protocol.js';

export interface SessionRequest {
  readonly architecture: Architecture;
  readonly runtime: RuntimeId;
  readonly execution: Execution;
  readonly threads: number;
  readonly batch: number;
  readonly protocol: Protocol;
}

/** Warm up again, or time one block. */
export type SessionCommand = { readonly kind: 'warm' } | { readonly kind: 'block' };

export type SessionMessage =
  | { readonly type: 'opened'; readonly deviceKey: DeviceKey }
  | { readonly type: 'built'; readonly buildMs: number; readonly firstRunMs: number }
  | { readonly type: 'warm'; readonly steady: boolean; readonly stepMs: number; readonly passes: number }
  | { readonly type: 'block'; readonly block: Block }
  | { readonly type: 'failed'; readonly failure: Failure };

const weightSeed = 1;

export function sessionWork(open: OpenRuntime): (request: SessionRequest, say: Say, commands: AsyncIterable<SessionCommand>) => Promise<void> {
  return async (request, say, commands) => {
    const tell = (message: SessionMessage): void => say(message);
    const around = { now: () => performance.now(), pause: () => new Promise<void>((resolve) => { setImmediate(resolve); }) };
    try {
      const runtime = await open({ runtime: request.runtime, threads: request.threads });
      tell({ type: 'opened', deviceKey: runtime.deviceKey(request.execution) });
      const inference = runtime.instantiate(request.architecture, { seed: weightSeed }).inference({ batch: request.batch, execution: request.execution });
      inference.enqueue();
      await inference.synchronise();
      tell({ type: 'built', buildMs: inference.buildMs, firstRunMs: inference.firstRunMs });
      let passes = 1;
      for await (const command of commands) {
        if (command.kind === 'warm') {
          const warm = await warmUp(inference, request.protocol, around);
          passes = passesFor(warm.stepMs, await readBackCost(inference, around), request.protocol);
          tell({ type: 'warm', steady: warm.steady, stepMs: warm.stepMs, passes });
        } else {
          // Another process has just used the caches: one pass outside the timed region brings this one's data back.
          await timeBlock(inference, 1, around.now);
          tell({ type: 'block', block: await timeBlock(inference, passes, around.now) });
        }
      }
    } catch (error) {
      tell({ type: 'failed', failure: failureOfError(error) });
    }
  };
}
