/**
 * Automatic mixed precision: decides op by op what a 16-bit graph computes in 16 bits. Products and
 * convolutions take 16-bit inputs (their kernels accumulate in float32). Pointwise and shape ops follow their
 * inputs. Everything else (sums, statistics, loss, updates) is float32. tfjs has no 16-bit type, so it sees
 * float32 throughout; only the graph has the casts.
 */
import { DT, type OpAttr } from '../native-engine.js';

export type LowType = typeof DT.bfloat16 | typeof DT.half;

/** Always 16-bit: they take most of the time. */
const products = new Set([
  'Conv2D',
  'Conv2DBackpropInput',
  'Conv2DBackpropFilter',
  'DepthwiseConv2dNative',
  'DepthwiseConv2dNativeBackpropInput',
  'DepthwiseConv2dNativeBackpropFilter',
  'MatMul',
  'BatchMatMulV2',
]);
/** 16-bit when an input is. */
const followers = new Set([
  'Add',
  'AddV2',
  'AddN',
  'Sub',
  'Mul',
  'Neg',
  'Maximum',
  'Minimum',
  'BiasAdd',
  'Relu',
  'Relu6',
  'ReluGrad',
  'Relu6Grad',
  'LeakyRelu',
  'LeakyReluGrad',
  'Sigmoid',
  'SigmoidGrad',
  'Tanh',
  'TanhGrad',
  'Erf',
  'Exp',
  'Square',
  'Softmax',
  'Reshape',
  'Transpose',
  'ConcatV2',
  'Slice',
  'Pad',
  'PadV2',
  'Split',
  'SplitV',
  'Identity',
  'ExpandDims',
  'Squeeze',
  'Pack',
  'MaxPool',
  'MaxPoolGrad',
  'GatherV2',
  'ZerosLike',
  'StagecraftActivation',
  'StagecraftActivationGrad',
]);
/** 16-bit data with float32 statistics: how many leading inputs are data. */
const normalisers: Readonly<Record<string, number>> = {
  FusedBatchNormV3: 1,
  FusedBatchNormGradV3: 2,
  StagecraftMoments: 1,
  StagecraftNorm: 1,
  StagecraftNormGrad: 2,
  StagecraftLayerNorm: 1,
  StagecraftLayerNormGrad: 2,
  StagecraftMean: 1,
  StagecraftMeanGrad: 1,
  StagecraftScale: 1,
  StagecraftScaleGrad: 2,
};

/** Ops whose results can exceed float16's largest number, 65504: float32 in float16 graphs. */
const wide = new Set(['Exp', 'Square', 'Softmax']);
/** The engine's own kernels support float32 and bfloat16. */
const staysFloat32 = (op: string, low: LowType): boolean =>
  low === DT.half && (wide.has(op) || op.startsWith('Stagecraft'));

export interface CastOptions {
  readonly low: LowType;
  /** Whether the op belongs to what must stay float32: loss and updates. */
  readonly keepFloat32: boolean;
  readonly onCpu: boolean;
}

export interface CastPlan {
  /** Types that the op's inputs must have, one per input (undefined: not floating). */
  readonly inputs: readonly (number | undefined)[];
  readonly attrs: readonly OpAttr[];
  /** The op computes in float32 on inputs rounded to 16 bits, and its outputs are rounded. */
  readonly rounds: boolean;
}

/**
 * Plans the casts of one op. On a CPU, float16 products are computed in float32 on inputs rounded to 16 bits,
 * and their results are rounded: the numbers of a 16-bit product with float32 accumulation. TensorFlow's own
 * float16 CPU kernels took 206 s in place of 3 for the first training step of a small hybrid.
 */
export function castPlan(
  op: string,
  attrs: readonly OpAttr[],
  types: readonly number[],
  { low, keepFloat32, onCpu }: CastOptions,
): CastPlan {
  const isFloating = (type: number): boolean => type === DT.float || type === low;
  const data = normalisers[op];
  const wantsLow =
    !keepFloat32 &&
    !staysFloat32(op, low) &&
    (products.has(op) || ((followers.has(op) || data !== undefined) && types.slice(0, data).includes(low)));
  const rounds = wantsLow && low === DT.half && onCpu && products.has(op);
  const type = wantsLow && !rounds ? low : DT.float;
  return {
    rounds,
    inputs: types.map((own, index) => {
      if (!isFloating(own)) return undefined;
      const isStatistic = data !== undefined && index >= data;
      return isStatistic ? DT.float : type;
    }),
    attrs:
      type === low
        ? attrs.map((entry) =>
            (entry.name === 'T' || entry.name === 'Tparams') && entry.value === DT.float
              ? { ...entry, value: low }
              : entry,
          )
        : attrs,
  };
}
