/** What shape functions read of an op: attributes, shapes and types of inputs, values of constant inputs. */
import { DT, type OpAttr, type Tensor } from '../../native-engine.js';

export interface TensorType {
  readonly shape: readonly number[];
  /** TensorFlow's number. */
  readonly dtype: number;
}

export interface OpInput extends TensorType {
  /** Values of a constant. @throws Error where the input is computed by each run */
  values(): readonly number[];
}

/** One use of an op. */
export class OpSignature {
  constructor(
    readonly op: string,
    private readonly attrs: readonly OpAttr[],
    readonly inputs: readonly OpInput[],
    /** Number of outputs. */
    readonly outputs: number,
  ) {}

  /** Shape of an input. */
  shape(index: number): readonly number[] {
    return this.inputs[index]!.shape;
  }

  /** Type of an input. */
  dtype(index: number): number {
    return this.inputs[index]!.dtype;
  }

  values(index: number): readonly number[] {
    return this.inputs[index]!.values();
  }

  int(name: string, otherwise: number): number {
    return (this.value(name) as number | undefined) ?? otherwise;
  }

  ints(name: string): readonly number[] {
    return (this.value(name) as readonly number[] | undefined) ?? [];
  }

  flag(name: string): boolean {
    return this.value(name) === true;
  }

  text(name: string): string {
    return String(this.value(name) ?? '');
  }

  private value(name: string): unknown {
    return this.attrs.find((entry) => entry.name === name)?.value;
  }

  /** Output of that shape; default type: that of input 0. */
  of(shape: readonly number[], dtype = this.dtype(0)): TensorType {
    return { shape, dtype };
  }

  float(shape: readonly number[]): TensorType {
    return { shape, dtype: DT.float };
  }
}

export type ShapeFunction = (signature: OpSignature) => readonly TensorType[];

/** An axis as TensorFlow counts it, from 0. */
export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** Shape of a broadcast, aligned at the last axis. */
export function broadcastShape(a: readonly number[], b: readonly number[]): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, index) => {
    const [left, right] = [a[index - rank + a.length] ?? 1, b[index - rank + b.length] ?? 1];
    return left === 1 ? right : left;
  });
}

/** TensorFlow's number of a tfjs type. */
export function typeNumber(dtype: Tensor['dtype']): number {
  if (dtype === 'float32') return DT.float;
  return dtype === 'bool' ? DT.bool : DT.int32;
}
