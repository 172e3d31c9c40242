/**
 * `--runtime`, `--execution`, `--precision` and what else a runtime is opened with, of every command that
 * runs networks.
 */
import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { type ExperimentValues, fromOption } from '../../lab/experiment-builder.js';
import type { ProbeRequest } from '../../profile/probe.js';
import {
  computeOf,
  computeParams,
  computeProblem,
  type OnnxProvider,
  onnxProviders,
  onnxruntimeParams,
  pytorchParams,
} from '../../runtime/compute.js';
import { type Precision, runtimeIds } from '../../runtime/runtime.js';
import { UserError } from '../../util/errors.js';

const runtimes = ['auto', ...runtimeIds] as const;

export interface ComputeFlags {
  readonly precision: Precision | 'auto';
  readonly xla?: boolean;
  readonly kernels: 'auto' | 'off';
}
export interface RuntimeFlags extends ComputeFlags {
  readonly runtime: string;
  readonly execution: string;
  readonly channelsLast?: boolean;
  readonly cudaGraphs?: boolean;
  readonly provider?: OnnxProvider;
  readonly python?: string;
}

export function addCompute(command: Command): Command {
  const { precision, xla, kernels } = computeParams;
  return command
    .addOption(
      new Option('--precision <name>', precision.doc).choices(precision.oneOf).default(precision.default),
    )
    .option('--xla', xla.doc)
    .addOption(
      new Option('--kernels <auto|off>', kernels.doc).choices(kernels.oneOf).default(kernels.default),
    );
}

export const addRuntime = (command: Command): Command =>
  addCompute(
    command
      .option('--runtime <name>', runtimes.join(', '), 'auto')
      .option('--execution <mode>', 'auto, compiled or eager', 'auto'),
  )
    .option('--channels-last', `pytorch: ${pytorchParams['channels-last'].doc}`)
    .option('--cuda-graphs', `pytorch: ${pytorchParams['cuda-graphs'].doc}`)
    .addOption(
      new Option('--provider <name>', `onnxruntime: ${onnxruntimeParams.provider.doc}`).choices(
        onnxProviders,
      ),
    )
    .option('--python <command>', `pytorch, onnxruntime: ${pytorchParams.python.doc}`);

/** The `runtime` setting of an experiment with these options. */
export function runtimeValues({
  runtime,
  execution,
  ...flags
}: RuntimeFlags): NonNullable<ExperimentValues['runtime']> {
  const { precision, xla, kernels, channelsLast, cudaGraphs, provider, python } = computeOf(flags);
  return {
    id: fromOption('--runtime', runtime),
    execution: fromOption('--execution', execution),
    precision: precision && fromOption('--precision', precision),
    xla: xla && fromOption('--xla', xla),
    kernels: kernels && fromOption('--kernels', kernels),
    channelsLast: channelsLast && fromOption('--channels-last', channelsLast),
    cudaGraphs: cudaGraphs && fromOption('--cuda-graphs', cudaGraphs),
    provider: provider && fromOption('--provider', provider),
    python: python && fromOption('--python', python),
  };
}

const executions = ['auto', 'compiled', 'eager'] as const;

/** @throws UserError naming the option, where it has no such value */
function oneOf<V extends string>(option: string, values: readonly V[], given: string): V {
  const found = values.find((value) => value === given);
  if (found === undefined)
    throw new UserError(`${option}: must be one of ${values.join(', ')}, got ${JSON.stringify(given)}`);
  return found;
}

/** @throws UserError naming the option that no device supports */
export function probeRequest({
  runtime,
  execution,
  threads,
  ...flags
}: RuntimeFlags & { readonly threads: number }): ProbeRequest {
  const request = {
    runtime: oneOf('--runtime', runtimes, runtime),
    execution: oneOf('--execution', executions, execution),
    threads: threads || availableParallelism(),
    ...computeOf(flags),
  };
  const problem = computeProblem(request.runtime, request.execution, request);
  if (problem) throw new UserError(`profile: ${problem.message}`, { fix: problem.fix });
  return request;
}
