/** How a part of a network is written as a call of its PyTorch class. */
import type { InputSizes } from '../../../blocks/block.js';
import type { ParamsOf, ParamTable } from '../../../util/params.js';
import { type PythonValue, py } from '../python-text.js';

/** Where a part is in its network. */
export interface Site {
  /** Sizes of what enters. */
  readonly input: InputSizes;
  /** Channels that leave; classes of a head. */
  readonly width: number;
  readonly stride: 1 | 2;
  /** Index in the stage, from 0. */
  readonly index: number;
}

/** A call; `{i}` text is used where the call stands in a comprehension over `i`. */
export interface PartCall {
  readonly code: string;
  /** The same with the block's index `i`, for parts that depend on it. */
  readonly indexed?: string;
}

export type PartCallOf<P extends ParamTable> = (params: ParamsOf<P>, site: Site) => string | PartCall;

/** Expression of the size of the map that leaves the part's stage; the module keeps it in `size`. */
export const mapSize = py('size');

const activations: Readonly<Record<string, string>> = {
  relu: 'nn.ReLU',
  relu6: 'nn.ReLU6',
  gelu: 'nn.GELU',
  'gelu-tanh': 'partial(nn.GELU, approximate="tanh")',
  silu: 'nn.SiLU',
  'hard-swish': 'nn.Hardswish',
  'leaky-relu': 'nn.LeakyReLU',
  tanh: 'nn.Tanh',
  none: 'nn.Identity',
};

/** `gelu` → `nn.GELU`. */
export const activation = (name: string): PythonValue => py(activations[name]!);

/** Class of a norm over a feature map; None where there is none. */
export function mapNorm(name: string): PythonValue {
  if (name === 'none') return null;
  return py(name === 'layer' ? 'LayerNorm2d' : 'nn.BatchNorm2d');
}
