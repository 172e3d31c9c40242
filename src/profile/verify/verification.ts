/**
 * What `verify-device` finds: one check per block, precision and quantity, and checks of clock, read-back and
 * memory. The value is the file that a person sends; it holds no path, user or host name.
 */
import type { DeviceKey } from '../../runtime/runtime.js';

/** Version of the file's form; a reader refuses a later one. */
export const verificationVersion = 1;

export type CheckGroup = 'forward' | 'training' | 'timing' | 'memory';

export interface Check {
  readonly group: CheckGroup;
  /** Block of the table, or what is checked, such as `read-back waits`. */
  readonly name: string;
  /** `unknown`: the runtime or the machine does not tell, such as a training on one that only infers. */
  readonly outcome: 'passed' | 'failed' | 'unknown';
  /** Execution and precision of checks of blocks, such as `compiled bfloat16`. */
  readonly mode?: string;
  readonly measured?: number;
  /** Allowed range of `measured`. */
  readonly low?: number;
  readonly high?: number;
  /** What `measured` is, with its unit, or why there is none; one line. */
  readonly text: string;
}

export interface Verification {
  readonly format: 'stagecraft-verification';
  readonly version: typeof verificationVersion;
  readonly createdAt: string;
  /** Version of stagecraft. */
  readonly stagecraft: string;
  readonly deviceKey: DeviceKey;
  /** Executions and precisions that were checked, such as `compiled float32`. */
  readonly modes: readonly string[];
  /** Runtime and version that computed the float32 results on the CPU. */
  readonly reference: string;
  readonly host: Readonly<Record<string, number | string>>;
  readonly seconds: number;
  readonly passed: boolean;
  readonly checks: readonly Check[];
}

/** A check of a number against a range; a value that is not finite fails. */
export function rangeCheck(
  check: Pick<Check, 'group' | 'name' | 'mode' | 'text'>,
  measured: number,
  { low = -Infinity, high = Infinity }: { readonly low?: number; readonly high?: number },
): Check {
  const inside = Number.isFinite(measured) && measured >= low && measured <= high;
  return {
    ...check,
    outcome: inside ? 'passed' : 'failed',
    ...(Number.isFinite(measured) && { measured }),
    ...(Number.isFinite(low) && { low }),
    ...(Number.isFinite(high) && { high }),
  };
}

/** Whether nothing failed, and every quantity that can be checked was. */
export const hasPassed = (checks: readonly Check[]): boolean =>
  checks.some(({ group }) => group === 'forward') && checks.every(({ outcome }) => outcome !== 'failed');
