/** The child's side of a verification: memory, timing, then every block in every mode. */
import { partTables } from '../../blocks/block-table.js';
import { oneBlock } from '../../network/block-networks.js';
import { failureOfError } from '../../runtime/child/failure.js';
import type { JobWork, Send } from '../../runtime/child/serve.js';
import { computeOf } from '../../runtime/compute.js';
import type { OpenRuntime } from '../../runtime/open-runtime.js';
import type { Execution, Precision, Runtime } from '../../runtime/runtime.js';
import { processHost } from '../protocol/process-host.js';
import { blockResults, type Mode } from './block-results.js';
import { memoryChecks } from './memory-checks.js';
import { timingChecks } from './timing-checks.js';
import type { Check, CheckGroup } from './verification.js';
import { encodeResults, type VerifyMessage, type VerifyRequest } from './verify-job.js';

interface NamedMode extends Mode {
  /** e.g. `compiled bfloat16` */
  readonly name: string;
  readonly computes: Precision;
}

export function verifyWork(open: OpenRuntime): JobWork<VerifyRequest, VerifyMessage> {
  return async (request, send) => {
    const { role, skip } = request;
    const runtime = await open({ runtime: request.runtime, threads: request.threads, ...computeOf(request) });
    const modes = role === 'reference' ? [ownMode(runtime, 'eager')] : modesOf(runtime, request.execution);
    const { execution } = modes[0]!;
    send({
      type: 'opened',
      deviceKey: runtime.deviceKey(execution),
      modes: modes.map(({ name }) => name),
    });
    if (role === 'device') {
      await checked('memory', skip, send, () => memoryChecks(runtime, execution));
      await checked('timing', skip, send, () => timingChecks(runtime, execution, processHost));
    }
    for (const mode of modes)
      for (const block of request.blocks)
        if (!skip.includes(`${mode.name} ${block}`)) await runBlock(runtime, block, mode, send);
  };
}

const ownMode = (runtime: Runtime, execution: Execution): NamedMode => {
  const { precision } = runtime.deviceKey(execution);
  return { execution, name: `${execution} ${precision}`, computes: precision };
};

/**
 * The usual execution in every precision. Of tfjs, which also runs eagerly where it compiles, eager execution
 * in the device's own precision too.
 */
function modesOf(runtime: Runtime, requested: Execution | 'auto'): NamedMode[] {
  const { id, supports, usualExecution = supports.compiled ? 'compiled' : 'eager' } = runtime;
  const execution = requested === 'auto' ? usualExecution : requested;
  const isTfjs = id === 'tensorflow' || id === 'wasm';
  const inEvery = supports.precisions.map(
    (precision): NamedMode => ({
      execution,
      precision,
      name: `${execution} ${precision}`,
      computes: precision,
    }),
  );
  if (isTfjs && execution === 'eager') return [ownMode(runtime, 'eager')];
  return isTfjs && requested === 'auto' ? [...inEvery, ownMode(runtime, 'eager')] : inEvery;
}

async function checked(
  group: Extract<CheckGroup, 'memory' | 'timing'>,
  skip: readonly string[],
  send: Send<VerifyMessage>,
  body: () => Promise<readonly Check[]>,
): Promise<void> {
  if (skip.includes(group)) return;
  send({ type: 'start', what: group });
  try {
    for (const check of await body()) send({ type: 'check', check });
  } catch (error) {
    const { reason } = failureOfError(error);
    send({ type: 'check', check: { group, name: group, outcome: 'failed', text: reason } });
  }
}

async function runBlock(
  runtime: Runtime,
  block: string,
  mode: NamedMode,
  send: Send<VerifyMessage>,
): Promise<void> {
  send({ type: 'start', what: `${mode.name} ${block}` });
  try {
    const results = await blockResults(runtime, oneBlock(partTables.block[block]!), {
      execution: mode.execution,
      ...(mode.precision && { precision: mode.precision }),
    });
    send({
      type: 'results',
      block,
      mode: mode.name,
      precision: mode.computes,
      results: encodeResults(results),
    });
  } catch (error) {
    send({ type: 'failed-block', block, mode: mode.name, reason: failureOfError(error).reason });
  }
}
