/** Times the parts of one network in a child; a child that fails is an answer with its reason. */
import { type Failure, failureOfOutcome } from '../../runtime/child/messages.js';
import { builtEntry, runChild } from '../../runtime/child/run-child.js';
import type { DeviceKey } from '../../runtime/runtime.js';
import { engineEnvironment } from '../../setup/environment.js';
import type { PartTime } from './part-times.js';
import type { PartsMessage, PartsRequest } from './parts-work.js';

export interface PartsHooks {
  readonly signal?: AbortSignal;
  onProgress?(progress: {
    readonly phase: 'build' | 'measure';
    readonly done: number;
    readonly of: number;
  }): void;
  /** default 180 s */
  readonly silenceLimitMs?: number;
  readonly entry?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export type PartsResult =
  | {
      readonly status: 'ok';
      readonly deviceKey: DeviceKey;
      readonly parts: readonly PartTime[];
      readonly samplesMs: readonly (readonly number[])[];
    }
  | ({ readonly parts?: undefined } & Failure);

/** @throws InterruptedError when `signal` aborts */
export async function partsInChild(request: PartsRequest, hooks: PartsHooks = {}): Promise<PartsResult> {
  let deviceKey: DeviceKey | undefined;
  let found: Extract<PartsMessage, { type: 'parts' }> | undefined;
  let failed: Failure | undefined;
  const outcome = await runChild({
    entry: hooks.entry ?? builtEntry('profile/part-times/parts-child.js'),
    request,
    environment: { ...engineEnvironment({ threads: request.threads }), ...hooks.environment },
    silenceLimitMs: hooks.silenceLimitMs ?? 180_000,
    ...(hooks.signal === undefined ? {} : { signal: hooks.signal }),
    onMessage: (said) => {
      const message = said as PartsMessage;
      switch (message.type) {
        case 'opened':
          deviceKey = message.deviceKey;
          break;
        case 'progress':
          hooks.onProgress?.(message);
          break;
        case 'parts':
          found = message;
          break;
        case 'failed':
          failed = message.failure;
          break;
        default:
          message satisfies never;
      }
    },
  });
  if (found !== undefined && deviceKey !== undefined)
    return { status: 'ok', deviceKey, parts: found.parts, samplesMs: found.samplesMs };
  return failed ?? failureOfOutcome(outcome) ?? { status: 'failed', reason: 'child: ended without a result' };
}
