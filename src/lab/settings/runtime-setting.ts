/** `runtime NAME(…)`: the engine that executes networks, and how. */
import {
  type ComputeChoices,
  type ComputeOptions,
  computeOf,
  computeParams,
  computeProblem,
  onnxruntimeParams,
  pytorchParams,
} from '../../runtime/compute.js';
import type { Execution, RuntimeId } from '../../runtime/runtime.js';
import type { ParamTable, ParamValues } from '../../util/params.js';
import { readCall } from './read-terms.js';
import type { Setting } from './setting.js';

/**
 * What is off or `auto` is absent, so that equal settings hash alike; but `xla: false` stays where a file
 * says so, since a GPU may choose XLA where it says nothing.
 */
export type RuntimeSetting = {
  readonly id: RuntimeId | 'auto';
  readonly execution: Execution | 'auto';
} & ComputeOptions;

const execution = {
  kind: 'choice',
  oneOf: ['auto', 'compiled', 'eager'],
  default: 'auto',
  doc: 'how networks are executed; auto: compiled where the runtime can',
} as const;
const runtimeParams = { execution, ...computeParams } as const satisfies ParamTable;
const runtimeCalls = {
  auto: runtimeParams,
  tensorflow: runtimeParams,
  wasm: runtimeParams,
  pytorch: {
    execution: {
      ...execution,
      doc: 'compiled: by torch.compile, once per network and batch size; auto: eager',
    },
    ...pytorchParams,
  },
  onnxruntime: {
    execution: { ...execution, oneOf: ['auto', 'compiled'], doc: 'graphs are always compiled' },
    ...onnxruntimeParams,
  },
};

/** Names of parameters, for the hint where one is written as a keyword. */
export const runtimeParamNames: readonly string[] = Object.keys(runtimeParams);

export const runtimeSetting: Setting<RuntimeSetting> = {
  keyword: 'runtime',
  summary: 'engine: auto, tensorflow, wasm, pytorch or onnxruntime, with auto(precision: bfloat16)',
  example: 'runtime  auto(execution: compiled)',
  reference:
    'Default: `auto`. For measuring, training and testing alike. Each choice is a device key of its own, ' +
    "whose rows never rank beside another's.",

  calls: runtimeCalls,
  callDocs: {
    auto: 'native TensorFlow where it is installed, else wasm',
    tensorflow: 'native TensorFlow, which `npx stagecraft setup` installs',
    wasm: 'WebAssembly, wherever Node runs',
    pytorch: 'PyTorch in a Python process, on the module that `export --to pytorch` writes',
    onnxruntime: 'ONNX Runtime in a Python process, on the model that `export --to onnx` writes; no training',
  },
  read(source, { diagnostics }) {
    const read = source && readCall(source, runtimeCalls, diagnostics);
    if (!read) return { id: 'auto', execution: 'auto' };
    const id = read.call.name as RuntimeId | 'auto';
    const { execution = 'auto' } = read.values as { readonly execution?: Execution | 'auto' };
    const compute = computeOf(choicesOf(read.values));
    const refusesXla = read.values['xla'] === false && read.call.args.some(({ name }) => name === 'xla');
    const problem = computeProblem(id, execution, compute);
    if (problem) diagnostics.error(read.call.span, `runtime: ${problem.message}`, problem.fix);
    return { id, execution, ...compute, ...(refusesXla && { xla: false }) };
  },
  // where the interpreter is says nothing about the results; its versions are part of the device key
  meaning: (runtime) => {
    if (runtime?.python === undefined) return { runtime: runtime && withoutRefusal(runtime) };
    const { python: _, ...rest } = withoutRefusal(runtime);
    return { runtime: rest };
  },
};

/** As ids cover it: without XLA is one setting, whether it is written or not. */
export function withoutRefusal(runtime: RuntimeSetting): RuntimeSetting {
  if (runtime.xla !== false) return runtime;
  const { xla: _, ...rest } = runtime;
  return rest;
}

/** Parameters as options: `channels-last` → `channelsLast`. */
const choicesOf = (values: ParamValues): ComputeChoices =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
