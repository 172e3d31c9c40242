/** The job of a child that runs the small networks of a verification, as the device or as the reference. */
import { childJob } from '../../runtime/child/job.js';
import type { ComputeOptions } from '../../runtime/compute.js';
import type { DeviceKey, Execution, Precision, RuntimeId } from '../../runtime/runtime.js';
import type { BlockResults } from './block-results.js';
import type { Check } from './verification.js';

export interface VerifyRequest extends ComputeOptions {
  readonly runtime: RuntimeId | 'auto';
  readonly execution: Execution | 'auto';
  readonly threads: number;
  /** `reference`: float32 alone, no checks of time and memory. */
  readonly role: 'device' | 'reference';
  /** Blocks of the table, in this order. */
  readonly blocks: readonly string[];
  /** `MODE BLOCK` of what is not to be run (again); `timing` and `memory` for those checks. */
  readonly skip: readonly string[];
}

/** Floats as base64 of their bytes. */
interface SentResults {
  readonly logits: string;
  readonly loss?: number | null;
  readonly changes?: readonly (readonly [path: string, values: string])[];
}

export type VerifyMessage =
  | { readonly type: 'opened'; readonly deviceKey: DeviceKey; readonly modes: readonly string[] }
  | { readonly type: 'start'; readonly what: string }
  | { readonly type: 'check'; readonly check: Check }
  | {
      readonly type: 'results';
      readonly block: string;
      readonly mode: string;
      readonly precision: Precision;
      readonly results: SentResults;
    }
  | { readonly type: 'failed-block'; readonly block: string; readonly mode: string; readonly reason: string };

export const verifyJob = childJob<VerifyRequest, VerifyMessage>({
  name: 'verify',
  entry: 'profile/profile-child.js',
  silenceLimitMs: 120_000,
});

const encode = (values: Float32Array): string =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');

function decode(text: string): Float32Array {
  const bytes = Buffer.from(text, 'base64');
  return new Float32Array(new Uint8Array(bytes).buffer);
}

export const encodeResults = ({ logits, step }: BlockResults): SentResults => ({
  logits: encode(logits),
  ...(step && {
    loss: step.loss,
    changes: [...step.changes].map(([path, values]) => [path, encode(values)]),
  }),
});

/** A loss that JSON cannot hold comes back as NaN. */
export const decodeResults = ({ logits, loss, changes }: SentResults): BlockResults => ({
  logits: decode(logits),
  ...(changes && {
    step: {
      loss: loss ?? Number.NaN,
      changes: new Map(changes.map(([path, values]) => [path, decode(values)])),
    },
  }),
});
