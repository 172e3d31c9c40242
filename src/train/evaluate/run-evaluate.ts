/** Scores final weights on the test split, in a child process. */
import { failureOfOutcome } from '../../runtime/child/messages.js';
import { builtEntry, runChild } from '../../runtime/child/run-child.js';
import { engineEnvironment } from '../../setup/environment.js';
import { UserError } from '../../util/errors.js';
import type { EvaluateMessage, EvaluateRequest } from './evaluate-work.js';

/** @throws UserError with the reason where it cannot be scored; InterruptedError when `signal` aborts */
export async function evaluateInChild(
  request: EvaluateRequest,
  hooks: { readonly signal?: AbortSignal } = {},
): Promise<Extract<EvaluateMessage, { type: 'tested' }>> {
  let answer: EvaluateMessage | undefined;
  const outcome = await runChild({
    entry: builtEntry('train/evaluate/evaluate-child.js'),
    request,
    environment: engineEnvironment({ threads: request.threads }),
    silenceLimitMs: 3_600_000,
    ...(hooks.signal === undefined ? {} : { signal: hooks.signal }),
    onMessage: (message) => {
      answer = message as EvaluateMessage;
    },
  });
  if (answer?.type === 'tested') return answer;
  throw new UserError(
    `test: ${answer?.failure.reason ?? failureOfOutcome(outcome)?.reason ?? 'the child gave no answer'}`,
  );
}
