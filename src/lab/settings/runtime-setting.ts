/** `runtime NAME(…)`: the engine that executes networks, and how. */
import { type ComputeOptions, computeOf, computeParams, computeProblem } from '../../runtime/compute.js';
import type { Execution, Precision, RuntimeId } from '../../runtime/runtime.js';
import type { ParamTable } from '../../util/params.js';
import { readCall } from './read-terms.js';
import type { Setting } from './setting.js';

/** What is off or `auto` is absent, so that equal settings hash alike. */
export type RuntimeSetting = {
  readonly id: RuntimeId | 'auto';
  readonly execution: Execution | 'auto';
} & ComputeOptions;

const runtimeParams = {
  execution: {
    kind: 'choice',
    oneOf: ['auto', 'compiled', 'eager'],
    default: 'auto',
    doc: 'how networks are executed; auto: compiled where the runtime can',
  },
  ...computeParams,
} as const satisfies ParamTable;
const runtimeCalls = { auto: runtimeParams, tensorflow: runtimeParams, wasm: runtimeParams };

/** Names of parameters, for the hint where one is written as a keyword. */
export const runtimeParamNames: readonly string[] = Object.keys(runtimeParams);

export const runtimeSetting: Setting<RuntimeSetting> = {
  keyword: 'runtime',
  summary: 'engine: auto, tensorflow or wasm, with auto(execution: compiled, precision: bfloat16)',
  example: 'runtime  auto(execution: compiled)',
  reference:
    'Default: `auto`. For measuring, training and testing alike. Each choice is a device key of its own, ' +
    "whose rows never rank beside another's.",

  calls: runtimeCalls,
  callDocs: {
    auto: 'native TensorFlow where it is installed, else wasm',
    tensorflow: 'native TensorFlow, which `stagecraft setup` installs',
    wasm: 'WebAssembly, wherever Node runs',
  },
  read(source, { diagnostics }) {
    const read = source && readCall(source, runtimeCalls, diagnostics);
    if (!read) return { id: 'auto', execution: 'auto' };
    const id = read.call.name as RuntimeId | 'auto';
    const execution = read.values.execution as Execution | 'auto';
    const compute = computeOf({
      precision: read.values.precision as Precision | 'auto',
      xla: read.values.xla === true,
      kernels: read.values.kernels as 'auto' | 'off',
    });
    const problem = computeProblem(id, execution, compute);
    if (problem) diagnostics.error(read.call.span, `runtime: ${problem.message}`, problem.fix);
    return { id, execution, ...compute };
  },
  meaning: (runtime) => ({ runtime }),
};
