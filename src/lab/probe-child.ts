/** Child of `probe`: opens the runtime, says its key, ends. */
import { serve } from '../runtime/child/serve.js';
import { computeOf, computeProblem } from '../runtime/compute.js';
import { openRuntime } from '../runtime/open.js';
import type { Execution } from '../runtime/runtime.js';
import { UserError } from '../util/errors.js';
import type { ProbeMessage, ProbeRequest } from './probe.js';

await serve<ProbeRequest>(async (request, say) => {
  const answer = (message: ProbeMessage): void => say(message);
  try {
    const runtime = await openRuntime({
      runtime: request.runtime,
      threads: request.threads,
      ...computeOf(request),
    });
    const execution: Execution =
      request.execution === 'auto' ? (runtime.supports.compiled ? 'compiled' : 'eager') : request.execution;
    if (execution === 'compiled' && !runtime.supports.compiled)
      throw new UserError(`runtime: ${runtime.id} runs eagerly only, got execution "compiled"`, {
        fix: 'execution: auto',
      });
    const problem = computeProblem(runtime.id, execution, request);
    if (problem) throw new UserError(`runtime: ${problem.message}`, { fix: problem.fix });
    answer({
      type: 'probe',
      probe: {
        runtime: runtime.id,
        execution,
        compute: computeOf(request),
        deviceKey: runtime.deviceKey(execution),
        ...(request.ceilings
          ? {
              ceilings: {
                macsPerSecond: runtime.matmulMacsPerSecond(),
                bytesPerSecond: runtime.copyBytesPerSecond(),
              },
            }
          : {}),
      },
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    answer({ type: 'refused', message: error.message, fix: error.fix ?? '' });
  }
});
