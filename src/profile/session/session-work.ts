/**
 * Work of a child of a session: keeps one network and the anchor at one batch size, and times pairs of blocks
 * on command. Only one child of a session works at a time; the parent decides the order.
 *
 * The anchor runs in the same process because processes differ: on one virtual machine the same network took
 * up to 5 % longer in another process, while two instances within a process agreed to 0.5 %. Their ratio is
 * free of that.
 *
 * Within a process, two instances of one network differ by up to 1 % (usually 0.5 %), depending on their
 * place in memory. Both are rebuilt for every turn where that takes less time than the turn itself; the turns
 * then average it out.
 *
 * A turn begins by running both until the processor has left its idle state: after a second of rest the first
 * pass took 65 to 100 % longer. It settled after 15 passes or 130 ms on one thread, 25 or 200 ms on two.
 */

import type { JobWork } from '../../runtime/child/serve.js';
import { computeOf } from '../../runtime/compute.js';
import type { OpenRuntime } from '../../runtime/open-runtime.js';
import type { Inference, Runtime } from '../../runtime/runtime.js';
import { seededRandom } from '../../util/random.js';
import { passesFor, readBackCost, timeBlock, warmUp } from '../protocol/measure.js';
import { processHost } from '../protocol/process-host.js';
import type { SessionCommand, SessionMessage, SessionRequest } from './session-job.js';

const weightSeed = 1;
/**
 * Milliseconds that both networks run alternately before the first timed block of a turn; a protocol with a
 * shorter warm-up uses that.
 */
const wakeMs = 250;

/**
 * Builds network and anchor and runs each once. @returns both, a function that disposes them, and the
 * milliseconds taken
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
