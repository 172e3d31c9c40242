/** `--precision` and `--xla`, of every command that runs networks. */
import { type Command, Option } from 'commander';
import { computeOf, computeParams } from '../../runtime/compute.js';
import type { DeviceKey, Precision } from '../../runtime/runtime.js';

export interface ComputeFlags {
  readonly precision: Precision | 'auto';
  readonly xla?: boolean;
}

export function addCompute(command: Command): Command {
  const { precision, xla } = computeParams;
  return command
    .addOption(
      new Option('--precision <name>', precision.doc).choices(precision.oneOf).default(precision.default),
    )
    .option('--xla', xla.doc);
}

/** The `runtime` setting of an experiment file that says what these options say. */
export function runtimeText(runtime: string, execution: string, flags: ComputeFlags): string {
  return `runtime ${runtime}(execution: ${execution}${Object.entries(computeOf(flags))
    .map(([name, value]) => `, ${name}: ${String(value)}`)
    .join('')})`;
}

/** Whether rows of that key were computed so; options that are not given fit everything. */
export const fitsKey = (key: DeviceKey, { precision, xla }: ComputeFlags): boolean =>
  (precision === 'auto' || key.precision === precision) && (xla === undefined || key.xla === xla);
