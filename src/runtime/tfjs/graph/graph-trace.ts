/**
 * Traces a tfjs function of fixed shapes into TensorFlow graph nodes. The function runs once, and every op
 * that it asks the binding for is recorded in place of being executed: its outputs are virtual tensors, which
 * have shape and type but no values and no memory (virtual-tensors.ts). Inputs become placeholders, engine
 * variables become graph variables, other tensors become constants. A trace changes no state. Values that a
 * trace would wrongly freeze are refused (trace-refusals.ts).
 */
import { elementCount } from '../../../tensor/infer/shape-rules.js';
import { UserError } from '../../../util/errors.js';
import {
  ATTR,
  attr,
  type Binding,
  DT,
  type NativeEngine,
  type OpAttr,
  type Tensor,
  type TensorMeta,
} from '../native-engine.js';
import { castPlan, type LowType } from './autocast.js';
import {
  type GraphVariable,
  type InputSpec,
  NodeList,
  neededNodes,
  type TracedFunction,
} from './graph-node.js';
import { bytesOf, GraphWeights, isWeight, packs } from './graph-weights.js';
import { type TensorType, typeNumber } from './shapes/op-signature.js';
import { checkOp, TraceWatch } from './trace-refusals.js';
import { VariableOrder } from './variable-order.js';
import { VirtualTensors } from './virtual-tensors.js';

/** Elements from which a float32 input is fed as int32. */
const largeInput = 1024;
const shareableConstant = 64; // elements; axes, shapes and scalars repeat often
export class GraphTrace extends NodeList {
  readonly variables = new Map<number, GraphVariable>();
  private readonly outputOf = new Map<number, string>();
  private readonly external = new Map<number, { dtype: number; shape: readonly number[] }>();
  private readonly constants = new Map<string, string>();
  private effects: string[] = [];
  /** Name of the function that is being traced. */
  private where = '';
  private readonly order = new VariableOrder();
  /** Casts of a live tensor, by its id; their nodes, by source node and type. */
  private readonly casts = new Map<number, { to: number; id: number }[]>();
  private readonly castNodes = new Map<string, string>();
  /** Virtual tensors, which a run computes; everything else is known while tracing. */
  private readonly virtual: VirtualTensors;
  readonly weights = new GraphWeights();
  private readonly low: LowType | undefined;
  private readonly frozen: ((handle: number) => boolean) | undefined;

  /**
   * @param options.low 16-bit type of a mixed-precision graph; absent: all float32
   * @param options.frozen variables (by handle) whose present values become constants, and with them all that
   * is computed from constants alone: TensorFlow then packs filters once, and norms fold into convolutions
   * @param options.inline large constants stay in the nodes, so that the graph is whole by itself
   * @param options.feedsBits large float32 inputs are fed as the int32 values of their bits, which the graph
   * casts back without a copy. The binding moves float tensors to the GPU as they are made, and the session
   * fetches them back to feed them; int32 tensors stay on the host, so that a batch crosses the bus once.
   */
  constructor(
    private readonly engine: NativeEngine,
    private readonly options: {
      readonly low?: LowType | undefined;
      readonly frozen?: ((handle: number) => boolean) | undefined;
      readonly inline?: boolean;
      readonly feedsBits?: boolean;
    } = {},
  ) {
    super();
    this.virtual = new VirtualTensors(engine, (id) => this.external.get(id));
    this.low = options.low;
    this.frozen = options.frozen;
  }

  /** Records `body` as a function of `specs`. @throws UserError where the function cannot be a graph */
  trace(
    name: string,
    specs: readonly InputSpec[],
    body: (inputs: Tensor[]) => readonly Tensor[],
  ): TracedFunction {
    const { engine } = this;
    const { tf, backend, binding } = engine;
    this.effects = [];
    this.order.clear();
    let traced: TracedFunction | undefined;
    const { check, remove } = this.install(binding, name);
    const record = (): void => {
      const nodes = specs.map((spec) =>
        this.addInput(
          `${name}/input`,
          spec,
          this.options.feedsBits === true && elementCount(spec.shape) >= largeInput,
        ),
      );
      const inputs = nodes.map(({ node, dtype }, index) =>
        backend.createOutputTensor(this.virtualTensor({ shape: specs[index]!.shape, dtype }, node)),
      );
      engine.foldsNorms = this.frozen !== undefined;
      engine.isTracing = true;
      engine.scopePath = '';
      engine.isTracingLow = this.low !== undefined;
      let outputIds: number[];
      try {
        const results: unknown = body(inputs);
        check();
        if (!Array.isArray(results))
          throw new UserError(
            `compile ${name}: the function must return an array of tensors, ` +
              `got ${results instanceof Promise ? 'a promise' : typeof results}`,
            { fix: 'compute with tensors only, and await values outside' },
          );
        outputIds = backend.getInputTensorIds(results as Tensor[]);
      } finally {
        engine.foldsNorms = engine.isTracing = engine.isTracingLow = false;
        engine.scopePath = '';
      }
      const controls = this.effects.map((node) => `^${node}`);
      const outputs = outputIds.map((id) => {
        const [node, dtype] = [this.resolve(id, binding), this.dtypeOf(id)];
        const isLow = dtype === this.low;
        const whole = isLow
          ? this.add('Cast', [node], [attr.type('SrcT', dtype), attr.type('DstT', DT.float)])
          : node;
        return this.add(
          'Identity',
          [whole, ...controls],
          [attr.type('T', isLow ? DT.float : dtype)],
          `${name}/output`,
        );
      });
      traced = {
        inputs: nodes.map(({ placeholder }) => placeholder),
        outputs,
        specs,
        fed: nodes.map(({ fed }) => fed),
      };
    };
    try {
      tf.tidy(record); // disposes of virtual tensors, which only the recorder knows
    } finally {
      remove();
      if (!traced) this.weights.drop(binding);
    }
    return traced!;
  }

  /** Removes nodes that the named ones do not need: ops that were recorded again, fused with what follows. */
  prune(roots: readonly string[]): void {
    const needed = neededNodes(this.nodes, roots);
    this.nodes.splice(0, this.nodes.length, ...this.nodes.filter(({ name }) => needed.has(name)));
    for (const [handle, { node }] of this.variables) if (!needed.has(node)) this.variables.delete(handle);
    this.weights.keepOnly(this.engine.binding, (node) => needed.has(node));
  }

  private dtypeOf(id: number): number {
    return this.virtual.get(id)?.dtype ?? this.external.get(id)?.dtype ?? DT.float;
  }

  /** A tensor that node output `source` computes in each run. */
  private virtualTensor(type: TensorType, source: string): TensorMeta {
    const meta = this.virtual.add(type);
    this.outputOf.set(meta.id, source);
    return meta;
  }

  /** Replaces the binding by the recorder until `remove`; `check` throws what was refused meanwhile. */
  private install(
    binding: Binding,
    where: string,
  ): { readonly check: () => void; readonly remove: () => void } {
    const { backend } = this.engine;
    this.where = where;
    const watch = new TraceWatch(this.engine, where, (id) =>
      this.virtual.has(id) ? this.outputOf.get(id) : undefined,
    );
    const overrides: Partial<Binding> = {
      executeOp: (
        op: string,
        attrs: readonly OpAttr[],
        ids: readonly number[],
        outputs: number,
      ): TensorMeta[] =>
        this.low === undefined
          ? this.execute(op, attrs, ids, outputs, binding)
          : this.executeLow(op, attrs, ids, outputs, binding, this.low),
      createTensor: (shape: readonly number[], dtype: number, values: unknown): number => {
        const id = binding.createTensor(shape, dtype, values);
        this.external.set(id, { dtype, shape: [...shape] });
        return id;
      },
      tensorDataSync: (id: number) => {
        watch.readBack(id);
        return binding.tensorDataSync(id);
      },
      deleteTensor: (id: number) => this.deleteTensor(id, binding),
    };
    // the binding's own properties are frozen, so they are shadowed by descriptors
    const recorder = Object.create(
      binding,
      Object.fromEntries(Object.entries(overrides).map(([key, value]) => [key, { value }])),
    ) as Binding;
    const getInputTensorIds = backend.getInputTensorIds;
    backend.getInputTensorIds = (tensors) => {
      const ids = getInputTensorIds.call(backend, tensors);
      tensors.forEach((tensor, index) => {
        const id = ids[index]!;
        watch.input(tensor, id);
        if (!this.external.has(id))
          this.external.set(id, {
            dtype: typeNumber(tensor.dtype),
            shape: tensor.shape,
          });
      });
      return ids;
    };
    backend.binding = recorder;
    return {
      check: () => watch.check(),
      remove: () => {
        watch.remove();
        backend.binding = binding;
        backend.getInputTensorIds = getInputTensorIds;
      },
    };
  }

  private execute(
    op: string,
    attrs: readonly OpAttr[],
    ids: readonly number[],
    outputs: number,
    binding: Binding,
  ): TensorMeta[] {
    checkOp(
      this.where,
      op,
      this.engine.scopePath,
      (input) => ids[input] !== undefined && this.virtual.has(ids[input]),
    );
    if (this.frozen && outputs > 0 && this.isKnown(op, ids)) {
      return binding.executeOp(op, attrs, ids, outputs).map((meta) => {
        this.external.set(meta.id, { dtype: meta.dtype, shape: meta.shape });
        return meta;
      });
    }
    const node = this.record(op, attrs, ids, binding);
    if (outputs === 0) {
      this.effects.push(node);
      return [];
    }
    return this.virtual
      .outputTypes({ op, attrs, ids, outputs }, binding)
      .map((type, index) => this.virtualTensor(type, index === 0 ? node : `${node}:${index}`));
  }

  /** Whether an op's outputs are the same in every run. */
  private isKnown(op: string, ids: readonly number[]): boolean {
    if (op === 'ReadVariableOp') return this.frozen!(ids[0]!);
    return ids.every((id) => !this.virtual.has(id) && !this.engine.variables.has(id));
  }

  /** Like `execute`, with the casts of mixed precision; tfjs sees 16-bit outputs as float32. */
  private executeLow(
    op: string,
    attrs: readonly OpAttr[],
    ids: readonly number[],
    outputs: number,
    binding: Binding,
    low: LowType,
  ): TensorMeta[] {
    const plan = castPlan(
      op,
      attrs,
      ids.map((id) => this.dtypeOf(id)),
      { low, keepFloat32: this.engine.keepsFloat32, onCpu: !this.engine.backend.isUsingGpuDevice },
    );
    const inputs = ids.map((id, index) => {
      const wanted = plan.inputs[index];
      return wanted === undefined
        ? id
        : this.castTo(
            plan.rounds ? this.castTo(id, low, binding, packs(op, index)) : id,
            wanted,
            binding,
            packs(op, index),
          );
    });
    const metas = this.execute(op, plan.attrs, inputs, outputs, binding);
    return plan.rounds
      ? metas.map((meta) => this.rounded(meta, low, binding))
      : metas.map((meta) => (meta.dtype === low ? { ...meta, dtype: DT.float } : meta));
  }

  /** Replaces a float32 output by its cast to 16 bits; to tfjs it is float32. */
  private rounded(meta: TensorMeta, low: LowType, binding: Binding): TensorMeta {
    const id = this.castTo(meta.id, low, binding);
    this.casts.delete(meta.id); // the cast is the op's output now
    return { ...meta, id };
  }

  private castTo(id: number, to: number, binding: Binding, packable = false): number {
    const from = this.dtypeOf(id);
    if (from === to) return id;
    const known = this.casts.get(id) ?? [];
    const done = known.find((cast) => cast.to === to);
    if (done) return done.id;
    const attrs = [attr.type('SrcT', from), attr.type('DstT', to), attr.bool('Truncate', false)];
    const constant = this.virtual.has(id) ? undefined : this.external.get(id);
    if (constant && this.frozen && isWeight(constant, packable)) return this.castWeight(id, attrs, binding);
    const source = this.resolve(id, binding);
    const key = `${source}|${to}`;
    const node = this.castNodes.get(key) ?? this.add('Cast', [source], attrs);
    this.castNodes.set(key, node);
    const { shape } = this.virtual.get(id) ?? this.external.get(id)!;
    const cast = this.virtualTensor({ shape, dtype: to }, node).id;
    this.casts.set(id, [...known, { to, id: cast }]);
    return cast;
  }

  /** The cast of a constant, computed once; deleted with it. */
  private castWeight(id: number, attrs: readonly OpAttr[], binding: Binding): number {
    const [meta] = binding.executeOp('Cast', attrs, [id], 1) as [TensorMeta];
    this.external.set(meta.id, { dtype: meta.dtype, shape: meta.shape });
    this.casts.set(id, [...(this.casts.get(id) ?? []), { to: meta.dtype, id: meta.id }]);
    return meta.id;
  }

  private deleteTensor(id: number, binding: Binding): void {
    for (const cast of this.casts.get(id) ?? []) this.deleteTensor(cast.id, binding);
    this.casts.delete(id);
    if (!this.virtual.has(id) && !this.weights.keeps(id)) binding.deleteTensor(id);
  }

  private record(op: string, attrs: readonly OpAttr[], ids: readonly number[], binding: Binding): string {
    const inputs = ids.map((id, index) => this.resolve(id, binding, packs(op, index)));
    const touched = ids.flatMap((id) => this.variables.get(id)?.node ?? []);
    const reads = op === 'ReadVariableOp';
    const name = this.add(
      op,
      [...inputs, ...this.order.before(touched, reads).map((node) => `^${node}`)],
      op === 'ExpandDims' && attrs.length === 0 // eager execution infers what a graph requires
        ? [attr.type('T', this.dtypeOf(ids[0]!)), attr.type('Tdim', this.dtypeOf(ids[1]!))]
        : attrs,
    );
    this.order.note(name, touched, reads);
    return name;
  }

  private resolve(id: number, binding: Binding, packable = false): string {
    const known = this.outputOf.get(id);
    if (known !== undefined) return known;
    const variable = this.engine.variables.get(id);
    if (variable) return this.useVariable(id).node;
    const info = this.external.get(id);
    if (!info) throw new Error(`trace: tensor ${id} has no known producer`);
    if (elementCount(info.shape) > shareableConstant) {
      const isVariable = this.frozen && !this.options.inline && isWeight(info, packable);
      const node = isVariable
        ? this.weights.add(this, id, info)
        : this.addConstant(info, () => bytesOf(binding, id));
      this.weights.keep(node, id);
      this.outputOf.set(id, node);
      return node;
    }
    const bytes = Buffer.from(bytesOf(binding, id));
    const key = `${info.dtype}|${info.shape.join()}|${bytes.toString('base64')}`;
    const node = this.constants.get(key) ?? this.addConstant(info, () => bytes);
    this.constants.set(key, node);
    this.outputOf.set(id, node);
    return node;
  }

  /** The graph variable of an engine variable's handle. */
  useVariable(handle: number): GraphVariable {
    const known = this.variables.get(handle);
    if (known) return known;
    const { path, shape } = this.engine.variables.get(handle)!;
    const node = this.add(
      'VarHandleOp',
      [],
      [
        attr.type('dtype', DT.float),
        attr.shape('shape', shape),
        { name: 'container', type: ATTR.string, value: '' },
        { name: 'shared_name', type: ATTR.string, value: `v${handle}` },
      ],
      `variable/${path.replace(/[^A-Za-z0-9_./-]/g, '_')}`,
    );
    const variable = { path, shape, node, handle };
    this.variables.set(handle, variable);
    return variable;
  }
}
