/**
 * A child of a measuring session: holds one network at one batch size, and beside it the anchor, and times
 * pairs of blocks when its turn comes. Only one child of a session works at a time; the parent decides the
 * order.
 *
 * The anchor lives in the same process because processes differ: on one virtual machine the same network ran
 * up to 5 % apart from process to process, while two instances within a process agreed to 0.5 %. Their ratio
 * is free of that.
 *
 * Even within a process, two instances of one network stay up to 1 % apart (half a per cent is usual), by
 * where their memory lies. So both are built anew for every turn where that takes less time than the turn
 * itself; the turns then average it out.
 *
 * A turn begins by running both until the processor is awake again: after a second of rest the first pass
 * took 65 to 100 % longer, and it was 15 passes or 130 ms on one thread, 25 or 200 ms on two, until they had
 * settled.
 */

import type { Architecture } from '../../architecture/architecture.js';
import { childJob } from '../../runtime/child/job.js';
import type { JobWork } from '../../runtime/child/serve.js';
import { type ComputeOptions, computeOf } from '../../runtime/compute.js';
import type { OpenRuntime } from '../../runtime/open-runtime.js';
import type { DeviceKey, Execution, Inference, Runtime, RuntimeId } from '../../runtime/runtime.js';
import { seededRandom } from '../../util/random.js';
import { passesFor, readBackCost, timeBlock, warmUp } from '../protocol/measure.js';
import { processHost } from '../protocol/process-host.js';
import type { Protocol } from '../protocol/protocol.js';

export interface SessionRequest extends ComputeOptions {
  readonly architecture: Architecture;
  readonly anchor: Architecture;
  readonly runtime: RuntimeId;
  readonly execution: Execution;
  readonly threads: number;
  readonly batch: number;
  readonly protocol: Protocol;
}

/**
 * Warm up until steady, or wake up and time so many pairs of blocks, one of each network; `seed` draws who
 * goes first in each.
 */
export type SessionCommand =
  | { readonly type: 'warm' }
  | { readonly type: 'turn'; readonly pairs: number; readonly seed: number };

export type SessionMessage =
  | { readonly type: 'opened'; readonly deviceKey: DeviceKey }
  | { readonly type: 'built'; readonly buildMs: number; readonly firstRunMs: number }
  | { readonly type: 'warm'; readonly steady: boolean; readonly stepMs: number; readonly passes: number }
  /** Milliseconds per pass of the network and of the anchor beside it, `[pairs]`. */
  | { readonly type: 'turn'; readonly stepMs: readonly number[]; readonly anchorMs: readonly number[] };

export const sessionJob = childJob<SessionRequest, SessionMessage, SessionCommand>({
  name: 'session',
  entry: 'profile/profile-child.js',
  silenceLimitMs: 180_000,
});

const weightSeed = 1;
/**
 * How long both networks run in turn before a turn's first timed block, ms; a protocol with a shorter warm-up
 * uses that.
 */
const wakeMs = 250;

/**
 * The network and the anchor in memory of their own, run once; how to let them go; and the milliseconds that
 * it took.
 */
async function build(
  runtime: Runtime,
  { architecture, anchor, batch, execution }: SessionRequest,
): Promise<[Inference, Inference, () => void, number]> {
  const start = performance.now();
  const models = [architecture, anchor].map((each) => runtime.instantiate(each, { seed: weightSeed }));
  const inferences = models.map((model) => model.inference({ batch, execution }));
  for (const inference of inferences) {
    inference.enqueue();
    await inference.synchronise();
  }
  const dispose = (): void => {
    for (const each of [...inferences, ...models]) each.dispose();
  };
  return [inferences[0]!, inferences[1]!, dispose, performance.now() - start];
}

export function sessionWork(open: OpenRuntime): JobWork<SessionRequest, SessionMessage, SessionCommand> {
  return async (request, send, commands) => {
    const runtime = await open({
      runtime: request.runtime,
      threads: request.threads,
      ...computeOf(request),
    });
    send({ type: 'opened', deviceKey: runtime.deviceKey(request.execution) });
    let [inference, anchor, dispose, builtMs] = await build(runtime, request);
    send({ type: 'built', buildMs: inference.buildMs, firstRunMs: inference.firstRunMs });
    let [passes, anchorPasses, turns, turnMs] = [1, 1, 0, 0];
    for await (const command of commands) {
      if (command.type === 'warm') {
        const anchorWarm = await warmUp(anchor, request.protocol, processHost);
        const warm = await warmUp(inference, request.protocol, processHost);
        const overheadMs = await readBackCost(inference, processHost);
        passes = passesFor(warm.stepMs, overheadMs, request.protocol);
        anchorPasses = passesFor(anchorWarm.stepMs, overheadMs, request.protocol);
        send({ type: 'warm', steady: warm.steady, stepMs: warm.stepMs, passes });
      } else {
        const random = seededRandom(command.seed);
        if (turns++ > 0 && builtMs < turnMs) {
          dispose();
          [inference, anchor, dispose, builtMs] = await build(runtime, request);
        }
        const start = processHost.now();
        const awake = processHost.now() + Math.min(wakeMs, request.protocol.warmupMs);
        do {
          await timeBlock(anchor, 1, processHost.now);
          await timeBlock(inference, 1, processHost.now);
        } while (processHost.now() < awake);
        // Another network has just used the caches: one pass outside the timed region brings this one's
        // data back.
        const fresh = async (network: Inference, count: number): Promise<number> => {
          await timeBlock(network, 1, processHost.now);
          return (await timeBlock(network, count, processHost.now)).perPassMs;
        };
        const [stepMs, anchorMs]: [number[], number[]] = [[], []];
        for (let pair = 0; pair < command.pairs; pair++) {
          const anchorFirst = random.integer(2) === 0;
          if (anchorFirst) anchorMs.push(await fresh(anchor, anchorPasses));
          stepMs.push(await fresh(inference, passes));
          if (!anchorFirst) anchorMs.push(await fresh(anchor, anchorPasses));
        }
        turnMs = processHost.now() - start;
        send({ type: 'turn', stepMs, anchorMs });
      }
    }
  };
}
