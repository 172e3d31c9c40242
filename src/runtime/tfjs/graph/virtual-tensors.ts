/**
 * Tensors of a trace that each run computes: they have shape and type, but no values and no memory. Their
 * types come from shape functions (shapes/op-shapes.ts). An op that has none is executed once on zeros.
 */
import { attr, type Binding, DT, type NativeEngine, type OpAttr, type TensorMeta } from '../native-engine.js';
import { outputTypes } from './shapes/op-shapes.js';
import { OpSignature, type TensorType } from './shapes/op-signature.js';

/** The binding counts its own tensors from 0. */
const firstId = 2 ** 30;

/** An op as the binding is asked for it. */
export interface OpCall {
  readonly op: string;
  readonly attrs: readonly OpAttr[];
  readonly ids: readonly number[];
  readonly outputs: number;
}

export class VirtualTensors {
  private readonly types = new Map<number, TensorType>();
  private next = firstId;

  /** @param typeOf type of a tensor that is not virtual */
  constructor(
    private readonly engine: NativeEngine,
    private readonly typeOf: (id: number) => TensorType | undefined,
  ) {}

  has(id: number): boolean {
    return this.types.has(id);
  }

  get(id: number): TensorType | undefined {
    return this.types.get(id);
  }

  add({ shape, dtype }: TensorType): TensorMeta {
    const id = this.next++;
    this.types.set(id, { shape, dtype });
    return { id, shape: [...shape], dtype };
  }

  /** Shapes and types of an op's outputs. @throws Error where a shape depends on computed values */
  outputTypes(call: OpCall, binding: Binding): readonly TensorType[] {
    const { op, attrs, ids, outputs } = call;
    const variable = op === 'ReadVariableOp' ? this.engine.variables.get(ids[0]!) : undefined;
    if (variable) return [{ shape: variable.shape, dtype: DT.float }];
    const inputs = ids.map((id) => ({
      ...(this.types.get(id) ?? this.typeOf(id)!),
      values: () => {
        if (this.has(id))
          throw new Error(`trace: a shape of ${op} must be a constant, got a computed tensor`);
        return [...binding.tensorDataSync(id)];
      },
    }));
    return outputTypes(new OpSignature(op, attrs, inputs, outputs)) ?? this.execute(call, binding);
  }

  private execute({ op, attrs, ids, outputs }: OpCall, binding: Binding): readonly TensorType[] {
    const standIns: number[] = [];
    const real = ids.map((id) => {
      const type = this.types.get(id);
      if (!type) return id;
      standIns.push(zeros(binding, type));
      return standIns.at(-1)!;
    });
    const metas = binding.executeOp(op, attrs, real, outputs);
    for (const id of [...standIns, ...metas.map((meta) => meta.id)]) binding.deleteTensor(id);
    return metas;
  }
}

function zeros(binding: Binding, { shape, dtype }: TensorType): number {
  const size = shape.reduce((product, dim) => product * dim, 1);
  if (dtype === DT.bool) return binding.createTensor(shape, dtype, new Uint8Array(size));
  if (dtype === DT.int32) return binding.createTensor(shape, dtype, new Int32Array(size));
  const id = binding.createTensor(shape, DT.float, new Float32Array(size));
  if (dtype === DT.float) return id;
  const cast = binding.executeOp('Cast', [attr.type('SrcT', DT.float), attr.type('DstT', dtype)], [id], 1);
  binding.deleteTensor(id);
  return cast[0]!.id;
}
