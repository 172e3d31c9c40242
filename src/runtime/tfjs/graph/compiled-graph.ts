/**
 * A traced graph, loaded and run by TensorFlow with its state on the device. Generic: `compileGraph` takes
 * any tfjs functions of fixed shapes; they share the graph's variables. The variables are copies of the
 * engine's, taken when the graph is built; `readVariables` and `writeVariables` move values between the two.
 */

import { UserError } from '../../../util/errors.js';
import type { Precision } from '../../runtime.js';
import {
  attr,
  DT,
  type NativeEngine,
  type ResourceVariable,
  type Tensor,
  type TensorMeta,
} from '../native-engine.js';
import type { LowType } from './autocast.js';
import type { InputSpec, TracedFunction } from './graph-node.js';
import { GraphTrace } from './graph-trace.js';
import { loadGraph } from './saved-model.js';
import { type StagingArea, stageMoments } from './stage-moments.js';

export interface FunctionSpec {
  readonly inputs: readonly InputSpec[];
  /** A tfjs computation on `inputs` and engine variables; runs once, on shapes alone, while it is traced. */
  body(inputs: Tensor[]): readonly Tensor[];
}
export type Values = Float32Array | Int32Array;

export class CompiledGraph {
  private readonly session: number;
  private readonly functions = new Map<string, TracedFunction>();
  private readonly variables: readonly {
    readonly variable: ResourceVariable;
    readonly placeholder: string;
    readonly read: string;
  }[];
  private readonly initialised: string;
  /** Holds the optimizer's moments, where they are not in variables. */
  private readonly stagingArea: StagingArea | undefined;
  /**
   * A failed run may have taken the moments out of the staging area, where the next one would wait for them.
   */
  private momentsLost = false;
  /** Nodes of the graph as traced, by TensorFlow's op name. */
  readonly opCounts: ReadonlyMap<string, number>;
  /** Nodes of all functions that run work on the device: launches, where TensorFlow does not fuse them. */
  readonly launches: number;
  private disposed = false;

  /**
   * Traces and loads; variables start with the engine's present values.
   * @param options.precision `bfloat16` or `float16`: products in 16 bits (autocast.ts)
   * @param options.frozen variables whose present values become constants of the graph (graph-weights.ts)
   */
  constructor(
    private readonly engine: NativeEngine,
    functions: Readonly<Record<string, FunctionSpec>>,
    options: {
      readonly precision?: Precision;
      readonly frozen?: (variable: ResourceVariable) => boolean;
    } = {},
  ) {
    const { frozen } = options;
    const trace = new GraphTrace(engine, {
      feedsBits: true,
      low: lowTypeOf(options.precision),
      frozen: frozen && ((handle) => frozen(engine.variables.get(handle)!)),
    });
    for (const [name, { inputs, body }] of Object.entries(functions))
      this.functions.set(name, trace.trace(name, inputs, body));
    trace.prune([...this.functions.values()].flatMap(({ inputs, outputs }) => [...inputs, ...outputs]));
    this.launches = trace.nodes.filter(({ op }) => !launchesNothing.has(op)).length;
    const assigns: string[] = [];
    this.stagingArea = stageMoments(trace);
    const staged: string[] = [];
    this.variables = [...trace.variables.values()].map(({ node, handle, shape }) => {
      const dtype = attr.type('dtype', DT.float);
      const placeholder = trace.add('Placeholder', [], [dtype, attr.shape('shape', shape)], `${node}/value`);
      const place = this.stagingArea?.indices.get(node);
      if (place !== undefined) {
        staged[place] = placeholder;
        return { variable: engine.variables.get(handle)!, placeholder, read: this.stagingArea!.peek(place) };
      }
      assigns.push(trace.add('AssignVariableOp', [node, placeholder], [dtype], `${node}/assign`));
      return {
        variable: engine.variables.get(handle)!,
        placeholder,
        read: trace.add('ReadVariableOp', [node], [dtype], `${node}/read`),
      };
    });
    if (this.stagingArea) assigns.push(this.stagingArea.fill(staged));
    const zero = trace.add('Const', [], [attr.type('dtype', DT.float)], 'zero', {
      dtype: DT.float,
      shape: [],
      bytes: new Uint8Array(4),
    });
    this.initialised = trace.add(
      'Identity',
      [zero, ...assigns.map((node) => `^${node}`)],
      [attr.type('T', DT.float)],
      'initialised',
    );
    const counts = new Map<string, number>();
    for (const { op } of trace.nodes) counts.set(op, (counts.get(op) ?? 0) + 1);
    this.opCounts = counts;
    const setters = trace.weights.setters(trace);
    const weightsSet = trace.add(
      'Identity',
      [zero, ...setters.assigns.map((node) => `^${node}`)],
      [attr.type('T', DT.float)],
      'weights-set',
    );
    this.session = loadGraph(engine, trace.nodes);
    for (const { id } of this.execute(trace.weights.values(), setters.placeholders, [weightsSet]))
      engine.binding.deleteTensor(id);
    trace.weights.drop(engine.binding);
    if (this.variables.length > 0) this.writeVariables();
  }

  /**
   * Runs a function on host values and returns its outputs' values. @throws UserError on inputs of another
   * shape
   */
  run(name: string, inputs: readonly Values[] = []): Values[] {
    const { binding } = this.engine;
    const { specs, fed, inputs: inputNames, outputs } = this.function(name);
    if (inputs.length !== specs.length)
      throw new UserError(`compiled ${name}: takes ${specs.length} inputs, got ${inputs.length}`);
    const ids = inputs.map((values, index) => {
      const spec = specs[index]!;
      const size = spec.shape.reduce((product, dim) => product * dim, 1);
      if (values.length !== size)
        throw new UserError(
          `compiled ${name}: ` +
            `input ${index} was traced with shape [${spec.shape.join()}] (${size} values), ` +
            `got ${values.length} values`,
          { fix: 'compile again for the new shape' },
        );
      const asBits = fed[index] === DT.int32 && values instanceof Float32Array;
      return binding.createTensor(spec.shape, fed[index]!, asBits ? bitsOf(values) : values);
    });
    try {
      return this.execute(ids, inputNames, outputs).map((meta) => this.readAndDelete(meta));
    } finally {
      for (const id of ids) binding.deleteTensor(id);
    }
  }

  /** Copies the named variables' values (default all) to the engine's variables. */
  readVariables(only: (variable: ResourceVariable) => boolean = () => true): void {
    const wanted = this.variables.filter(({ variable }) => only(variable));
    if (wanted.length === 0) return;
    const metas = this.execute(
      [],
      [],
      wanted.map(({ read }) => read),
    );
    metas.forEach((meta, index) => {
      this.assign(wanted[index]!.variable, meta.id);
      this.engine.binding.deleteTensor(meta.id);
    });
  }

  /** Copies the engine's variables into the graph's (all of them: one run). */
  writeVariables(): void {
    const { binding } = this.engine;
    const ids = this.variables.map(
      ({ variable }) =>
        binding.executeOp('ReadVariableOp', [attr.type('dtype', DT.float)], [variable.handle], 1)[0]!.id,
    );
    const done = this.execute(
      ids,
      this.variables.map(({ placeholder }) => placeholder),
      [this.initialised],
    );
    for (const id of [...ids, ...done.map(({ id }) => id)]) binding.deleteTensor(id);
  }

  /**
   * Frees the engine's copies of this graph's variables; `readVariables` brings them back. Without it a
   * training holds weights and moments twice.
   */
  releaseEngineCopies(): void {
    const { binding } = this.engine;
    const nothing = binding.createTensor([], DT.float, new Float32Array(1));
    for (const { variable } of this.variables) this.assign(variable, nothing);
    binding.deleteTensor(nothing);
  }

  private assign({ handle }: ResourceVariable, id: number): void {
    const attrs = [attr.type('dtype', DT.float), attr.bool('validate_shape', false)];
    this.engine.binding.executeOp('AssignVariableOp', attrs, [handle, id], 0);
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.engine.binding.deleteSavedModel(this.session);
  }

  private function(name: string): TracedFunction {
    const found = this.functions.get(name);
    if (!found) throw new Error(`compiled: no function ${JSON.stringify(name)}`);
    return found;
  }

  private execute(
    ids: readonly number[],
    inputs: readonly string[],
    outputs: readonly string[],
  ): TensorMeta[] {
    if (this.disposed) throw new Error('compiled: run after dispose');
    if (this.momentsLost) throw new Error('compiled: run after a run that failed');
    try {
      return this.engine.binding.runSavedModel(
        this.session,
        ids,
        inputs.map(port).join(),
        outputs.map(port).join(),
      );
    } catch (error) {
      this.momentsLost = this.stagingArea !== undefined;
      throw error;
    }
  }

  private readAndDelete(meta: TensorMeta): Values {
    const values = this.engine.binding.tensorDataSync(meta.id) as Values;
    this.engine.binding.deleteTensor(meta.id);
    return values;
  }
}

const lowTypeOf = (precision: Precision | undefined): LowType | undefined => {
  if (precision === 'bfloat16') return DT.bfloat16;
  return precision === 'float16' ? DT.half : undefined;
};

/** The graph options of an execution's options. */
export const precisionOf = ({
  precision,
}: {
  readonly precision?: Precision;
}): { readonly precision?: Precision } => (precision ? { precision } : {});

/** The same memory, read as int32. */
const bitsOf = ({ buffer, byteOffset, length }: Float32Array): Int32Array =>
  new Int32Array(buffer, byteOffset, length);

/** Ops that launch nothing: constants, variables' handles and values, views. */
const launchesNothing: ReadonlySet<string> = new Set([
  'Bitcast',
  'Const',
  'ExpandDims',
  'Identity',
  'NoOp',
  'Placeholder',
  'ReadVariableOp',
  'Reshape',
  'Squeeze',
  'VarHandleOp',
]);

const port = (name: string): string => (name.includes(':') ? name : `${name}:0`);
