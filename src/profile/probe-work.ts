/** The child's side of a probe: opens the runtime and sends its device key. */
import type { JobWork } from '../runtime/child/serve.js';
import { computeOf, computeProblem } from '../runtime/compute.js';
import type { OpenRuntime } from '../runtime/open-runtime.js';
import type { Execution, Runtime } from '../runtime/runtime.js';
import { UserError } from '../util/errors.js';
import type { Probe, ProbeMessage, ProbeRequest } from './probe.js';

/** Sends `refused` where the request cannot be met and the user can mend it; other errors fail the job. */
export function probeWork(open: OpenRuntime): JobWork<ProbeRequest, ProbeMessage> {
  return async (request, send) => {
    try {
      send({ type: 'probe', probe: await probe(open, request) });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      send({ type: 'refused', message: error.message, fix: error.fix ?? '' });
    }
  };
}

async function probe(open: OpenRuntime, request: ProbeRequest): Promise<Probe> {
  const runtime = await open({ runtime: request.runtime, threads: request.threads, ...computeOf(request) });
  const execution = request.execution === 'auto' ? usualExecution(runtime) : request.execution;
  if (execution === 'compiled' && !runtime.supports.compiled)
    throw new UserError(`runtime: ${runtime.id} runs eagerly only here, got execution "compiled"`, {
      fix: 'execution: auto',
    });
  const problem = computeProblem(runtime.id, execution, request);
  if (problem) throw new UserError(`runtime: ${problem.message}`, { fix: problem.fix });
  return {
    runtime: runtime.id,
    execution,
    compute: computeOf(request),
    deviceKey: runtime.deviceKey(execution),
    ...(request.ceilings && {
      ceilings: {
        macsPerSecond: runtime.matmulMacsPerSecond(),
        bytesPerSecond: runtime.copyBytesPerSecond(),
      },
    }),
  };
}

const usualExecution = ({ supports, usualExecution: usual }: Runtime): Execution =>
  usual ?? (supports.compiled ? 'compiled' : 'eager');
