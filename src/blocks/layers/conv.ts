/**
 * Convolutions with their weights. Filters are initialised He-normal over the fan-out of one group, which
 * suits a convolution that a norm follows.
 */
import type { Init, Padding, TensorOps } from '../../tensor/tensor-ops.js';

export interface ConvOptions {
  readonly kernel?: number; // 1
  readonly stride?: number; // 1
  readonly dilation?: number; // 1
  readonly groups?: number; // 1
  readonly bias?: boolean; // false
  readonly padding?: Padding; // 'same'
  readonly init?: Init;
}

/** x `[b,h,w,c]` → `[b,h/stride,w/stride,width]`; weights `name/filter` and, with bias, `name/bias`. */
export function conv<T>(ops: TensorOps<T>, x: T, name: string, width: number, options: ConvOptions = {}): T {
  const { kernel = 1, stride = 1, dilation = 1, groups = 1, bias = false, padding = 'same' } = options;
  const channels = ops.shape(x).at(-1)!;
  // One filter per channel: every runtime has a faster kernel for it.
  if (groups > 1 && groups === channels && width === channels)
    return depthwise(ops, x, name, { ...options, kernel });
  const init =
    options.init ??
    (groups === 1
      ? ({ kind: 'he-normal', fan: 'out' } as const)
      : ({ kind: 'normal', std: Math.sqrt((2 * groups) / (kernel * kernel * width)) } as const));
  return ops.scope(name, () => {
    const filter = ops.weight('filter', [kernel, kernel, channels / groups, width], init);
    const y = ops.conv2d(x, filter, { stride, padding, dilation, groups });
    return bias ? ops.binary(y, ops.weight('bias', [width], { kind: 'zeros' }), 'add') : y;
  });
}

/** Depthwise: one filter per channel; x `[b,h,w,c]` → `[b,h/stride,w/stride,c]`. */
export function depthwise<T>(
  ops: TensorOps<T>,
  x: T,
  name: string,
  options: Omit<ConvOptions, 'groups'> = {},
): T {
  const {
    kernel = 3,
    stride = 1,
    dilation = 1,
    bias = false,
    padding = 'same',
    init = { kind: 'he-normal', fan: 'out' },
  } = options;
  const channels = ops.shape(x).at(-1)!;
  return ops.scope(name, () => {
    const y = ops.depthwiseConv2d(x, ops.weight('filter', [kernel, kernel, channels, 1], init), {
      stride,
      padding,
      dilation,
    });
    return bias ? ops.binary(y, ops.weight('bias', [channels], { kind: 'zeros' }), 'add') : y;
  });
}
