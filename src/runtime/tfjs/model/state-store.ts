/**
 * State on the device by path: weights, running statistics and optimizer slots. One interface over TensorFlow
 * resource variables (native, also used by graphs) and tfjs variables (wasm, cpu).
 */
import type { WeightSet } from '../../runtime.js';
import type { NativeEngine, ResourceVariable, Tensor, Tf } from '../native-engine.js';
import { releasedArray } from '../released-arrays.js';

export interface StateVariable {
  readonly path: string;
  readonly shape: readonly number[];
  readonly trainable: boolean;
  /** The value as a tensor that the caller's tidy disposes of. */
  read(): Tensor;
  assign(value: Tensor): void;
  values(): Float32Array;
  load(values: Float32Array): void;
  dispose(): void;
}

/** Creates variables; one per runtime. Takes `values` over: the caller must not change them. */
export type CreateVariable = (
  path: string,
  shape: readonly number[],
  values: Float32Array,
  trainable: boolean,
) => StateVariable;

export interface NativeVariable extends StateVariable {
  readonly resource: ResourceVariable;
}

export function nativeVariables(engine: NativeEngine): CreateVariable {
  return (path, shape, values, trainable): NativeVariable => {
    const resource = engine.createVariable(path, shape, values);
    releasedArray(values.byteLength);
    return {
      path,
      shape,
      trainable,
      resource,
      read: () => engine.readVariable(resource),
      assign: (value) => engine.assignVariable(resource, value),
      values: () => {
        const tensor = engine.readVariable(resource);
        const data = tensor.dataSync() as Float32Array;
        tensor.dispose();
        return data;
      },
      load: (data) => {
        const tensor = engine.tf.tensor(data.slice(), [...shape], 'float32');
        engine.assignVariable(resource, tensor);
        tensor.dispose();
      },
      dispose: () => engine.destroyVariable(resource),
    };
  };
}

export function tfjsVariables(tf: Tf): CreateVariable {
  return (path, shape, values, trainable) => {
    const variable = tf.variable(tf.tensor(values.slice(), [...shape], 'float32'), trainable);
    return {
      path,
      shape,
      trainable,
      read: () => variable.clone(),
      assign: (value) => variable.assign(value as typeof variable),
      values: () => variable.dataSync() as Float32Array,
      load: (data) =>
        tf.tidy(() => variable.assign(tf.tensor(data.slice(), [...shape], 'float32') as typeof variable)),
      dispose: () => variable.dispose(),
    };
  };
}

/** Variables by path, created on first use. */
export class StateStore {
  private readonly variables = new Map<string, StateVariable>();
  constructor(private readonly create: CreateVariable) {}

  /**
   * The variable at `path`, created from `initial` where it does not exist. @throws where it exists with
   * another shape
   */
  declare(
    path: string,
    shape: readonly number[],
    trainable: boolean,
    initial: () => Float32Array,
  ): StateVariable {
    const known = this.variables.get(path);
    if (known) {
      if (known.shape.join() !== shape.join())
        throw new Error(
          `weight ${JSON.stringify(path)}: ` +
            `declared with shape [${known.shape.join()}], got [${shape.join()}]`,
        );
      return known;
    }
    const variable = this.create(path, [...shape], initial(), trainable);
    this.variables.set(path, variable);
    return variable;
  }

  get(path: string): StateVariable | undefined {
    return this.variables.get(path);
  }
  all(): StateVariable[] {
    return [...this.variables.values()];
  }
  trainable(): StateVariable[] {
    return this.all().filter((variable) => variable.trainable);
  }

  dispose(): void {
    for (const variable of this.variables.values()) variable.dispose();
    this.variables.clear();
  }
}

/** Copies every variable's value to the host. */
export function readStore(store: StateStore): WeightSet {
  return new Map(
    store
      .all()
      .map((variable) => [
        variable.path,
        { shape: variable.shape, values: variable.values(), trainable: variable.trainable },
      ]),
  );
}

/** @throws Error where a path is missing, unknown or of another shape; nothing is written then */
export function writeStore(store: StateStore, weights: WeightSet, where: string): void {
  const missing = store.all().find(({ path }) => !weights.has(path));
  if (missing)
    throw new Error(
      `${where}: a value for every path is needed, got none for ${JSON.stringify(missing.path)}`,
    );
  for (const [path, { shape }] of weights) {
    const variable = store.get(path);
    if (!variable) throw new Error(`${where}: path must exist in this network, got ${JSON.stringify(path)}`);
    if (variable.shape.join() !== shape.join())
      throw new Error(
        `${where}: ${JSON.stringify(path)} must have shape [${variable.shape.join()}], got [${shape.join()}]`,
      );
  }
  for (const [path, { values }] of weights) store.get(path)!.load(values);
}
