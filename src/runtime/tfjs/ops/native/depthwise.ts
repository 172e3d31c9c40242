/**
 * Gradients of a depthwise convolution by the engine's own kernels (engine/kernels/depthwise.h). float32 and
 * multiplier 1 only: TensorFlow's ops run all others.
 */
import { padAmounts } from '../../../../tensor/pad-amounts.js';
import type { Padding } from '../../../../tensor/tensor-ops.js';
import { attr, type NativeEngine, type OpAttr, type Tensor } from '../../native-engine.js';

export interface DepthwiseCall {
  /** `[b,h,w,c]`. */
  readonly x: Tensor;
  /** `[kh,kw,c,multiplier]`. */
  readonly filter: Tensor;
  /** `[b,h',w',c·multiplier]`. */
  readonly dy: Tensor;
}

/** dfilter; undefined where the kernel does not support the convolution. */
export function depthwiseFilterGradient(
  engine: NativeEngine,
  call: DepthwiseCall,
  stride: number,
  padding: Padding,
): Tensor | undefined {
  if (!isSupported(engine, call)) return undefined;
  const [height, width] = call.filter.shape as [number, number];
  return engine.op(
    'StagecraftDepthwiseFilterGrad',
    [attr.int('kernel_height', height), attr.int('kernel_width', width), ...places(call, stride, padding)],
    [call.x, call.dy],
  );
}

/**
 * dx; undefined where the kernel does not support the convolution, and for stride 1, where oneDNN's is
 * faster.
 */
export function depthwiseInputGradient(
  engine: NativeEngine,
  call: DepthwiseCall,
  stride: number,
  padding: Padding,
): Tensor | undefined {
  if (stride === 1 || !isSupported(engine, call)) return undefined;
  const [, height, width] = call.x.shape as [number, number, number];
  return engine.op(
    'StagecraftDepthwiseInputGrad',
    [attr.int('height', height), attr.int('width', width), ...places(call, stride, padding)],
    [call.dy, call.filter],
  );
}

const isSupported = (engine: NativeEngine, { filter }: DepthwiseCall): boolean =>
  engine.kernels.has('depthwise') && !engine.isTracingLow && filter.shape[3] === 1;

function places({ x, filter }: DepthwiseCall, stride: number, padding: Padding): OpAttr[] {
  const before = (axis: 1 | 2): number =>
    padAmounts(x.shape[axis]!, filter.shape[axis - 1]!, stride, 1, padding)[0];
  return [attr.int('stride', stride), attr.int('top', before(1)), attr.int('left', before(2))];
}
