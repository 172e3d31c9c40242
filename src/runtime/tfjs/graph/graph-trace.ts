/**
 * Traces a tfjs function of fixed shapes into TensorFlow graph nodes. The function runs once eagerly, and
 * every op that the binding executes is recorded. Inputs become placeholders, engine variables become graph
 * variables, other tensors become constants. Ops without outputs (assignments, optimizer updates) are
 * recorded but not executed, so a trace changes no state. Values that a trace would wrongly freeze are
 * refused (trace-refusals.ts).
 */

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
import { type GraphVariable, type InputSpec, NodeList, type TracedFunction } from './graph-node.js';
import { checkOp, TraceWatch } from './trace-refusals.js';

const shareableConstant = 64; // elements; axes, shapes and scalars repeat often

export class GraphTrace extends NodeList {
  readonly variables = new Map<number, GraphVariable>();
  private readonly outputOf = new Map<number, string>();
  private readonly external = new Map<number, { dtype: number; shape: readonly number[] }>();
  private readonly constants = new Map<string, string>();
  private effects: string[] = [];
  /** Name of the function that is being traced. */
  private where = '';
  /** Per variable node: its last write and the reads since. */
  private readonly hazards = new Map<string, { write?: string; reads: string[] }>();

  /** Casts of a live tensor, by its id; their nodes, by source node and type. */
  private readonly casts = new Map<number, { to: number; id: number }[]>();
  private readonly castNodes = new Map<string, string>();

  /** Tensors that a run computes; everything else is known while tracing. */
  private readonly computed = new Set<number>();
  private readonly low: LowType | undefined;
  private readonly frozen: ((handle: number) => boolean) | undefined;

  /**
   * @param options.low 16-bit type of a mixed-precision graph; absent: all float32
   * @param options.frozen variables (by handle) whose present values become constants, and with them all that
   * is computed from constants alone: TensorFlow then packs filters once, and norms fold into convolutions
   */
  constructor(
    private readonly engine: NativeEngine,
    options: {
      readonly low?: LowType | undefined;
      readonly frozen?: ((handle: number) => boolean) | undefined;
    } = {},
  ) {
    super();
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
    const { tf, backend } = engine;
    const binding = backend.binding;
    this.effects = [];
    this.hazards.clear();
    let traced: TracedFunction | undefined;
    tf.tidy(() => {
      const inputs = specs.map((spec) =>
        spec.dtype === 'float32' ? tf.fill([...spec.shape], 0.5) : tf.zeros([...spec.shape], 'int32'),
      );
      const placeholders = backend.getInputTensorIds(inputs).map((id, index) => {
        const node = this.add(
          'Placeholder',
          [],
          [
            attr.type('dtype', specs[index]!.dtype === 'float32' ? DT.float : DT.int32),
            attr.shape('shape', specs[index]!.shape),
          ],
          `${name}/input`,
        );
        this.outputOf.set(id, node);
        this.computed.add(id);
        return node;
      });
      const { check, remove } = this.install(binding, name);
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
        remove();
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
      traced = { inputs: placeholders, outputs, specs };
    });
    return traced!;
  }

  private readonly dtypes = new Map<number, number>();
  private dtypeOf(id: number): number {
    return this.dtypes.get(id) ?? this.external.get(id)?.dtype ?? DT.float;
  }

  /** Replaces the binding by the recorder until `remove`; `check` throws what was refused meanwhile. */
  private install(
    binding: Binding,
    where: string,
  ): { readonly check: () => void; readonly remove: () => void } {
    const { backend } = this.engine;
    this.where = where;
    const watch = new TraceWatch(this.engine, where, (id) =>
      this.computed.has(id) ? this.outputOf.get(id) : undefined,
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
      deleteTensor: (id: number) => {
        this.deleteCasts(id, binding);
        binding.deleteTensor(id);
      },
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
        for (const casts of [...this.casts.values()]) for (const cast of casts) binding.deleteTensor(cast.id);
        this.casts.clear();
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
      (input) => ids[input] !== undefined && this.computed.has(ids[input]),
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
    const metas = binding.executeOp(op, attrs, ids, outputs);
    metas.forEach((meta, index) => {
      this.outputOf.set(meta.id, index === 0 ? node : `${node}:${index}`);
      this.dtypes.set(meta.id, meta.dtype);
      this.computed.add(meta.id);
    });
    return metas;
  }

  /** Whether an op's outputs are the same in every run. */
  private isKnown(op: string, ids: readonly number[]): boolean {
    if (op === 'ReadVariableOp') return this.frozen!(ids[0]!);
    return ids.every((id) => !this.computed.has(id) && !this.engine.variables.has(id));
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
        : this.castTo(plan.rounds ? this.castTo(id, low, binding) : id, wanted, binding);
    });
    const metas = this.execute(op, plan.attrs, inputs, outputs, binding);
    return plan.rounds
      ? metas.map((meta) => this.rounded(meta, low, binding))
      : metas.map((meta) => (meta.dtype === low ? { ...meta, dtype: DT.float } : meta));
  }

  /** Replaces a float32 output by its cast to 16 bits. */
  private rounded(meta: TensorMeta, low: LowType, binding: Binding): TensorMeta {
    const id = this.castTo(meta.id, low, binding);
    this.casts.delete(meta.id); // the cast is the op's output now, and tfjs disposes of it
    binding.deleteTensor(meta.id);
    return { ...meta, id };
  }

  private deleteCasts(id: number, binding: Binding): void {
    for (const cast of this.casts.get(id) ?? []) {
      this.deleteCasts(cast.id, binding);
      binding.deleteTensor(cast.id);
    }
    this.casts.delete(id);
  }

  private castTo(id: number, to: number, binding: Binding): number {
    const from = this.dtypeOf(id);
    if (from === to) return id;
    const known = this.casts.get(id) ?? [];
    const done = known.find((cast) => cast.to === to);
    if (done) return done.id;
    const attrs = [attr.type('SrcT', from), attr.type('DstT', to), attr.bool('Truncate', false)];
    const source = this.resolve(id, binding);
    const key = `${source}|${to}`;
    const node = this.castNodes.get(key) ?? this.add('Cast', [source], attrs);
    this.castNodes.set(key, node);
    const [meta] = binding.executeOp('Cast', attrs, [id], 1);
    this.outputOf.set(meta!.id, node);
    this.dtypes.set(meta!.id, to);
    this.computed.add(meta!.id);
    this.casts.set(id, [...known, { to, id: meta!.id }]);
    return meta!.id;
  }

  /** Adds attributes that eager execution infers and a graph requires. */
  private completed(op: string, attrs: readonly OpAttr[], ids: readonly number[]): readonly OpAttr[] {
    return op === 'ExpandDims' && attrs.length === 0
      ? [attr.type('T', this.dtypeOf(ids[0]!)), attr.type('Tdim', this.dtypeOf(ids[1]!))]
      : attrs;
  }

  private record(op: string, attrs: readonly OpAttr[], ids: readonly number[], binding: Binding): string {
    const inputs = ids.map((id) => this.resolve(id, binding));
    const controls: string[] = [];
    const touched = ids.flatMap((id) => this.variables.get(id)?.node ?? []);
    const reads = op === 'ReadVariableOp';
    for (const node of touched) {
      const hazard = this.hazards.get(node) ?? { reads: [] };
      if (hazard.write) controls.push(hazard.write);
      if (!reads) controls.push(...hazard.reads);
    }
    const name = this.add(
      op,
      [...inputs, ...[...new Set(controls)].map((node) => `^${node}`)],
      this.completed(op, attrs, ids),
    );
    for (const node of touched) {
      if (reads) {
        const hazard = this.hazards.get(node) ?? { reads: [] };
        hazard.reads.push(name);
        this.hazards.set(node, hazard);
      } else this.hazards.set(node, { write: name, reads: [] });
    }
    return name;
  }

  private resolve(id: number, binding: Binding): string {
    const known = this.outputOf.get(id);
    if (known !== undefined) return known;
    const variable = this.engine.variables.get(id);
    if (variable) return this.useVariable(id).node;
    const info = this.external.get(id);
    if (!info) throw new Error(`trace: tensor ${id} has no known producer`);
    const values = binding.tensorDataSync(id);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const key =
      values.length <= shareableConstant
        ? `${info.dtype}|${info.shape.join()}|${Buffer.from(bytes).toString('base64')}`
        : undefined;
    const shared = key === undefined ? undefined : this.constants.get(key);
    if (shared !== undefined) {
      this.outputOf.set(id, shared);
      return shared;
    }
    const node = this.add('Const', [], [attr.type('dtype', info.dtype)], 'Const', {
      dtype: info.dtype,
      shape: info.shape,
      bytes: bytes.slice(),
    });
    if (key !== undefined) this.constants.set(key, node);
    this.outputOf.set(id, node);
    this.dtypes.set(id, info.dtype);
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

/** TensorFlow's number of a tfjs type. */
function typeNumber(dtype: Tensor['dtype']): number {
  if (dtype === 'float32') return DT.float;
  return dtype === 'bool' ? DT.bool : DT.int32;
}
