/** Calls of the classes of stems, downsampling layers and heads. */
import type { downsamples, heads, stems } from '../../../blocks/block-table.js';
import { listItems } from '../../../util/params.js';
import { type PythonValue, py, pythonCall } from '../python-text.js';
import { activation, mapNorm, mapSize, type PartCallOf } from './part-call.js';

type StemParams<Name extends keyof typeof stems> = (typeof stems)[Name]['params'];
type DownsampleParams<Name extends keyof typeof downsamples> = (typeof downsamples)[Name]['params'];
type HeadParams<Name extends keyof typeof heads> = (typeof heads)[Name]['params'];

/** Channels of the image, and classes: arguments of the generated network. */
const inChannels = py('in_chans');
const classCount = py('num_classes');

/** Output channels of each convolution of a stem. */
function stemWidths(p: Parameters<typeof convStemCall>[0], width: number): number[] {
  return Array.from({ length: p.layers }, (_, index) => {
    if (index === p.layers - 1) return width;
    if (p.hidden > 0) return p.hidden;
    if (p.growth === 'doubling') return width / 2 ** (p.layers - 1 - index);
    return p.growth === 'half-first' && index === 0 ? Math.floor(width / 2) : width;
  });
}

export const convStemCall: PartCallOf<StemParams<'conv'>> = (p, { width }) =>
  pythonCall('ConvStem', [inChannels, stemWidths(p, width)], {
    stride: [p.stride, 2],
    kernel: [p.kernel, 3],
    norm: [mapNorm(p.norm), py('nn.BatchNorm2d')],
    act: [activation(p.act), py('nn.GELU')],
    last: [p.last, 'norm-act'],
    bias: [p.bias, false],
    position: [p.position ? mapSize : null, null],
    padding: [p.padding, 'same'],
    eps: [p.epsilon, 1e-5],
  });

export const patchStemCall: PartCallOf<StemParams<'patch'>> = (p, { width }) =>
  pythonCall('PatchStem', [inChannels, width], {
    patch: [p.size, 4],
    kernel: [p.kernel > p.size ? p.kernel : 0, 0],
    norm: [mapNorm(p.norm), py('LayerNorm2d')],
    position: [p.position ? mapSize : null, null],
    class_token: [p['class-token'], false],
    bias: [p.bias, true],
    eps: [p.epsilon, 1e-6],
  });

export const convPoolStemCall: PartCallOf<StemParams<'conv-pool'>> = (p, { width }) =>
  pythonCall('ConvPoolStem', [inChannels, width], {
    kernel: [p.kernel, 7],
    act: [activation(p.act), py('nn.ReLU')],
    padding: [p.padding, 'same'],
    eps: [p.epsilon, 1e-5],
  });

export const convPatchStemCall: PartCallOf<StemParams<'conv-patch'>> = (p, { width }) =>
  pythonCall('ConvPatchStem', [inChannels, width], { patch: [p.size, 4] });

export const denoiseStemCall: PartCallOf<StemParams<'denoise'>> = (p, { width }) =>
  pythonCall('DenoiseStem', [inChannels, width], {
    kernel: [p.kernel, 3],
    time_mult: [p['time-mult'], 4],
    labels: [p.condition === 'class' ? p.labels : null, null],
    text_tokens: [p.condition === 'text' ? p.tokens : null, null],
    token_dim: [p['token-width'], 768],
    text_blocks: [p['text-blocks'], 2],
  });

export const convDownsampleCall: PartCallOf<DownsampleParams<'conv'>> = (p, { input, width }) =>
  pythonCall('ConvDownsample', [input.channels, width], {
    kernel: [p.kernel, 3],
    stride: [p.stride, 2],
    norm: [mapNorm(p.norm), py('nn.BatchNorm2d')],
    norm_first: [p['norm-first'], false],
    act: [activation(p.act), py('nn.Identity')],
    bias: [p.bias, false],
    padding: [p.kernel === p.stride ? 'same' : p.padding, 'same'],
    eps: [p.epsilon, 1e-5],
  });

export const patchMergeCall: PartCallOf<DownsampleParams<'patch-merge'>> = (p, { input, width }) =>
  pythonCall('PatchMerge', [input.channels, width], { eps: [p.epsilon, 1e-5] });

export const depthwiseDownsampleCall: PartCallOf<DownsampleParams<'depthwise'>> = (p, { input, width }) => {
  const common = { kernel: [p.kernel, 3], padding: [p.padding, 'same'] } as const;
  return p.form === 'separable'
    ? pythonCall('SeparableDownsample', [input.channels, width], { ...common, eps: [p.epsilon, 1e-5] })
    : pythonCall('ExpandingDownsample', [input.channels, width], common);
};

export const maxPoolDownsampleCall: PartCallOf<DownsampleParams<'max-pool'>> = (p, { input, width }) =>
  pythonCall('MaxPoolDownsample', [input.channels, p.project ? width : input.channels], {
    window: [p.window, 2],
    stride: [p.stride, 2],
    padding: [p.padding, 'same'],
  });

export const classTokenCall: PartCallOf<DownsampleParams<'class-token'>> = (_, { width }) =>
  pythonCall('ClassToken', [width]);

export const upCall: PartCallOf<DownsampleParams<'up'>> = (p, { input, width }) =>
  pythonCall('Upsample', [input.channels, width], {
    scale: [p.scale, 2],
    form: [p.form, 'nearest'],
    skip_chs: [input.stageOutputs?.[p.from]?.channels ?? null, null],
    join: [p.join, 'add'],
  });

export const crossGateCall: PartCallOf<DownsampleParams<'cross-gate'>> = (p, { input, width }) =>
  pythonCall('CrossGate', [input.channels, width, input.stageOutputs![p.from]!.channels], {
    scale: [p.scale, 2],
    block: [p.block, 7],
    grid: [p.grid, 7],
  });

export const noDownsampleCall: PartCallOf<DownsampleParams<'none'>> = () => 'nn.Identity()';

export const poolLinearCall: PartCallOf<HeadParams<'pool-linear'>> = (p, { input }) => {
  const first = p['norm-first'];
  const layerNorm: PythonValue = py(first ? 'LayerNorm2d' : 'nn.LayerNorm');
  const batchNorm: PythonValue = py(first ? 'nn.BatchNorm2d' : 'nn.BatchNorm1d');
  const norms: Readonly<Record<string, PythonValue>> = { layer: layerNorm, batch: batchNorm, none: null };
  return pythonCall('PoolLinear', [input.channels, classCount], {
    class_token: [p.pool === 'class-token', false],
    norm: [norms[p.norm]!, py('nn.LayerNorm')],
    norm_first: [first, false],
    hidden: [p.hidden, 0],
    hidden_act: [activation(p['hidden-act']), py('nn.Tanh')],
    eps: [p.epsilon, 1e-6],
  });
};

export const convPoolLinearCall: PartCallOf<HeadParams<'conv-pool-linear'>> = (p, { input }) =>
  pythonCall('ConvPoolLinear', [input.channels, classCount], {
    width: [p.width, 1024],
    hidden: [p.hidden, 0],
    act: [activation(p.act), py('nn.GELU')],
    eps: [p.epsilon, 1e-5],
  });

export const actPoolLinearCall: PartCallOf<HeadParams<'act-pool-linear'>> = (p, { input }) =>
  pythonCall('ActPoolLinear', [input.channels, classCount], { act: [activation(p.act), py('nn.ReLU')] });

/** The input's `stageOutputs` are the maps that enter, the last of each resolution, largest first. */
export const upernetCall: PartCallOf<HeadParams<'upernet'>> = (p, { input }) =>
  pythonCall(
    'UPerNet',
    [Object.values(input.stageOutputs ?? { 0: input }).map(({ channels }) => channels), classCount],
    {
      width: [p.width, 512],
      bins: [listItems(p.bins)!, [1, 2, 3, 6]],
      scale: [p.scale, 4],
      dropout: [p.dropout, 0.1],
    },
  );

export const toImageCall: PartCallOf<HeadParams<'to-image'>> = (p, { input }) =>
  pythonCall('ToImage', [input.channels, p.channels], {
    kernel: [p.kernel, 3],
    norm: [mapNorm(p.norm), py('nn.BatchNorm2d')],
    act: [activation(p.act), py('nn.SiLU')],
    // the lab's layer norm has another default than its batch norm
    eps: [p.norm === 'layer' ? 1e-6 : 1e-5, 1e-5],
  });
