/** Scores one untrained network in a child process; what goes wrong is a reason, never an exception. */
import { failureOfOutcome } from '../../runtime/child/messages.js';
import { builtEntry, runChild } from '../../runtime/child/run-child.js';
import { unopenedKey } from '../../runtime/child/unopened-key.js';
import type { DeviceKey } from '../../runtime/runtime.js';
import { engineEnvironment } from '../../setup/environment.js';
import type { ZeroCostMessage, ZeroCostRequest, ZeroCostScore } from './zero-cost-work.js';

export interface ZeroCostHooks {
  readonly signal?: AbortSignal;
  onScore?(score: ZeroCostScore): void;
  /** A child that says nothing for this long is killed; default 300 s. */
  readonly silenceLimitMs?: number;
}

export interface ZeroCostResult {
  readonly deviceKey: DeviceKey;
  readonly datasetHash: string;
  /** One per measure asked for, in that order. */
  readonly scores: readonly ZeroCostScore[];
}

/** @throws InterruptedError when `signal` aborts */
export async function zeroCostInChild(
  request: ZeroCostRequest,
  hooks: ZeroCostHooks = {},
): Promise<ZeroCostResult> {
  let [deviceKey, datasetHash, failed]: [DeviceKey | undefined, string, string | undefined] = [
    undefined,
    '',
    undefined,
  ];
  const scores: ZeroCostScore[] = [];
  const outcome = await runChild({
    entry: builtEntry('train/zero-cost/zero-cost-child.js'),
    request,
    environment: engineEnvironment({ threads: request.threads }),
    silenceLimitMs: hooks.silenceLimitMs ?? 300_000,
    ...(hooks.signal === undefined ? {} : { signal: hooks.signal }),
    onMessage: (said) => {
      const message = said as ZeroCostMessage;
      switch (message.type) {
        case 'opened':
          deviceKey = message.deviceKey;
          break;
        case 'loaded':
          datasetHash = message.datasetHash;
          break;
        case 'score': {
          const { type: _, ...score } = message;
          scores.push(score);
          hooks.onScore?.(score);
          break;
        }
        case 'failed':
          failed = message.failure.reason;
          break;
        default:
          message satisfies never;
      }
    },
  });
  const reason = failed ?? failureOfOutcome(outcome)?.reason ?? 'child: ended without a result';
  const missing = request.measures.filter((measure) => !scores.some((score) => score.measure === measure));
  return {
    deviceKey: deviceKey ?? unopenedKey({ ...request, execution: 'eager' }),
    datasetHash,
    scores: [...scores, ...missing.map((measure) => ({ measure, reason, seconds: 0 }))],
  };
}
