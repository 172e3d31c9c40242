/** Evaluates final weights on the test split, in a child process. */
import { noResult } from '../../runtime/child/failure.js';
import { type JobOptions, runJob } from '../../runtime/child/job.js';
import { UserError } from '../../util/errors.js';
import { type EvaluateMessage, type EvaluateRequest, evaluateJob } from './evaluate-job.js';

/** @throws UserError with the reason where the evaluation fails; InterruptedError when `signal` aborts */
export async function evaluateInChild(
  request: EvaluateRequest,
  options: JobOptions = {},
): Promise<EvaluateMessage> {
  let answer: EvaluateMessage | undefined;
  const failure = await runJob(
    evaluateJob,
    request,
    {
      tested: (message) => {
        answer = message;
      },
    },
    options,
  );
  if (answer) return answer;
  throw new UserError(`test: ${(failure ?? noResult).reason.replace(/^test: /, '')}`);
}
