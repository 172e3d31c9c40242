/**
 * tfjs-node-gpu's engine as this folder uses it: the tfjs module, its TensorFlow binding, raw op execution by
 * TensorFlow's own op names, and resource variables. Eager execution and graph tracing (graph/graph-trace.ts)
 * see the same calls. Ops and attributes: https://www.tensorflow.org/api_docs/python/tf/raw_ops
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type * as tfc from '@tensorflow/tfjs-core';
import type { KernelName } from '../../setup/engine/kernel-table.js';

export type Tf = typeof tfc;
export type Tensor = tfc.Tensor;

/** An attribute of a TensorFlow op as the binding takes it. */
export interface OpAttr {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}
/** A tensor of the binding; `dtype` is TensorFlow's number. */
export interface TensorMeta {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: number;
}

/** The native module's functions (tfjs-node-gpu `binding/tfjs_backend.cc`). */
export interface Binding {
  executeOp(
    name: string,
    attrs: readonly OpAttr[],
    inputIds: readonly number[],
    outputs: number,
  ): TensorMeta[];
  createTensor(shape: readonly number[], dtype: number, values: unknown): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  getNumOfTensors(): number;
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(
    id: number,
    inputIds: readonly number[],
    inputNames: string,
    outputNames: string,
  ): TensorMeta[];
  getNumOfSavedModels(): number;
  isUsingGpuDevice(): boolean;
  readonly TF_Version: string;
}

/** The parts of `NodeJSKernelBackend` that are used. */
export interface NativeBackend {
  binding: Binding;
  readonly isUsingGpuDevice: boolean;
  getInputTensorIds(tensors: readonly Tensor[]): number[];
  createOutputTensor(meta: TensorMeta): Tensor;
  read(dataId: object): Promise<unknown>;
  /** `values` is set while a tensor has not been copied to the binding. */
  readonly tensorMap: { get(dataId: object): { readonly id: number; readonly values: unknown } | undefined };
}

/** TensorFlow's DataType numbers. */
export const DT = {
  float: 1,
  int32: 3,
  uint8: 4,
  string: 7,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  half: 19,
  resource: 20,
} as const;
/** TensorFlow's TF_AttrType numbers. */
export const ATTR = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5 } as const;

/** Attribute constructors: `attr.int('axis', 1)`; lists are arrays. */
export const attr = {
  string: (name: string, value: string): OpAttr => ({ name, type: ATTR.string, value }),
  int: (name: string, value: number | readonly number[]): OpAttr => ({ name, type: ATTR.int, value }),
  float: (name: string, value: number): OpAttr => ({ name, type: ATTR.float, value }),
  bool: (name: string, value: boolean): OpAttr => ({ name, type: ATTR.bool, value }),
  type: (name: string, value: number): OpAttr => ({ name, type: ATTR.type, value }),
  shape: (name: string, value: readonly number[]): OpAttr => ({ name, type: ATTR.shape, value }),
};

/** A float32 resource variable on the device, the same in eager execution and in a traced graph. */
export interface ResourceVariable {
  readonly path: string;
  readonly shape: readonly number[];
  /** Tensor id of the resource handle. */
  readonly handle: number;
}

export class NativeEngine {
  readonly tf: Tf;
  readonly backend: NativeBackend;
  /** Folder of the tfjs-node-gpu package. */
  readonly packageFolder: string;
  /** Live variables by handle id; a trace turns these into graph variables. */
  readonly variables = new Map<number, ResourceVariable>();
  /** True while a graph with frozen weights is traced: batch norm is folded into the filters before it. */
  foldsNorms = false;
  /** True while a graph is traced, where an op without readers costs nothing. */
  isTracing = false;
  /** True while a 16-bit graph is traced. */
  isTracingLow = false;
  /** Path of the block that is being computed, for messages; '' outside of any. */
  scopePath = '';
  /** Variables that were read eagerly, by the data id of the tensor that was read. */
  readonly readBeforeTrace = new WeakMap<object, ResourceVariable>();
  /**
   * Outputs that no bias may be fused with. TensorFlow's rewrite of a depthwise convolution and its bias into
   * one op loses `explicit_paddings`; a later pass that infers that op's shape (in graphs with chains of
   * sums) aborts the process.
   */
  readonly unfusable = new WeakSet<Tensor>();
  private nextVariable = 0;
  private float32Depth = 0;

  /**
   * @param loaded tfjs with TensorFlow as its backend, and the folder that it came from
   * @param kernels the engine's own kernels (engine/kernels) that ops use; default none
   */
  constructor(
    loaded: { readonly tf: Tf; readonly folder: string },
    readonly kernels: ReadonlySet<KernelName> = new Set(),
  ) {
    this.tf = loaded.tf;
    this.packageFolder = dirname(
      createRequire(join(loaded.folder, 'package.json')).resolve('@tensorflow/tfjs-node-gpu/package.json'),
    );
    this.backend = this.tf.findBackend('tensorflow') as unknown as NativeBackend;
  }

  get binding(): Binding {
    return this.backend.binding;
  }

  /** Inside `inFloat32`. */
  get keepsFloat32(): boolean {
    return this.float32Depth > 0;
  }

  /** Ops that `body` runs stay float32 in a mixed-precision graph. */
  inFloat32<R>(body: () => R): R {
    this.float32Depth++;
    try {
      return body();
    } finally {
      this.float32Depth--;
    }
  }

  /** Runs one TensorFlow op on tensors and returns its outputs as tensors. */
  run(name: string, attrs: readonly OpAttr[], inputs: readonly Tensor[], outputs = 1): Tensor[] {
    return this.binding
      .executeOp(name, attrs, this.backend.getInputTensorIds(inputs), outputs)
      .map((meta) => this.backend.createOutputTensor(meta));
  }

  /** Like `run`, for ops with one output. */
  op(name: string, attrs: readonly OpAttr[], inputs: readonly Tensor[]): Tensor {
    return this.run(name, attrs, inputs)[0]!;
  }

  /** @param values taken over: the binding may share the array's memory, so the caller must not change it */
  createVariable(path: string, shape: readonly number[], values: Float32Array): ResourceVariable {
    const handle = this.binding.executeOp(
      'VarHandleOp',
      [
        attr.type('dtype', DT.float),
        attr.shape('shape', shape),
        attr.string('container', ''),
        attr.string('shared_name', `stagecraft-${this.nextVariable++}`),
      ],
      [],
      1,
    )[0]!.id;
    const variable = { path, shape, handle };
    this.variables.set(handle, variable);
    const id = this.binding.createTensor(shape, DT.float, values);
    this.assignId(variable, id);
    this.binding.deleteTensor(id);
    return variable;
  }

  readVariable(variable: ResourceVariable): Tensor {
    const tensor = this.backend.createOutputTensor(
      this.binding.executeOp('ReadVariableOp', [attr.type('dtype', DT.float)], [variable.handle], 1)[0]!,
    );
    if (!this.isTracing) this.readBeforeTrace.set(tensor.dataId, variable);
    return tensor;
  }

  assignVariable(variable: ResourceVariable, value: Tensor): void {
    this.assignId(variable, this.backend.getInputTensorIds([value])[0]!);
  }

  /** Runs an op without outputs whose first inputs are variables, e.g. `ResourceApplyAdam`. */
  updateVariables(
    name: string,
    attrs: readonly OpAttr[],
    variables: readonly ResourceVariable[],
    inputs: readonly Tensor[],
  ): void {
    this.binding.executeOp(
      name,
      attrs,
      [...variables.map((variable) => variable.handle), ...this.backend.getInputTensorIds(inputs)],
      0,
    );
  }

  destroyVariable(variable: ResourceVariable): void {
    this.binding.executeOp(
      'DestroyResourceOp',
      [attr.bool('ignore_lookup_error', true)],
      [variable.handle],
      0,
    );
    this.binding.deleteTensor(variable.handle);
    this.variables.delete(variable.handle);
  }

  private assignId(variable: ResourceVariable, id: number): void {
    this.binding.executeOp(
      'AssignVariableOp',
      [attr.type('dtype', DT.float), attr.bool('validate_shape', false)],
      [variable.handle, id],
      0,
    );
  }
}
