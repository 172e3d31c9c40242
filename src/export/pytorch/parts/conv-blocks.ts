/** Calls of the convolutional blocks' classes. */
import type { blocks } from '../../../blocks/block-table.js';
import { dilatedBranches } from '../../../blocks/conv/unireplknet.js';
import { type PythonValue, py, pythonCall } from '../python-text.js';
import { activation, mapSize, type PartCallOf } from './part-call.js';

type Params<Name extends keyof typeof blocks> = (typeof blocks)[Name]['params'];

export const convnextCall: PartCallOf<Params<'convnext'>> = (p, { width }) =>
  pythonCall('ConvNeXtBlock', [width], {
    kernel: [p.kernel, 7],
    mlp_ratio: [p.mlp, 4],
    layer_scale: [p['layer-scale'], 1e-6],
    act: [activation(p.act), py('nn.GELU')],
    eps: [p.epsilon, 1e-6],
  });

export const fusedMbconvCall: PartCallOf<Params<'fused-mbconv'>> = (p, { input, width, stride }) =>
  pythonCall('FusedMBConv', [input.channels, width], {
    stride: [stride, 1],
    expand: [p.expand, 4],
    kernel: [p.kernel, 3],
    se: [p.se, 0.25],
    se_of_input: [p['se-of'] === 'input', false],
    act: [activation(p.act), py('nn.GELU')],
    project_norm: [p['project-norm'], true],
    padding: [p.padding, 'same'],
    eps: [p.epsilon, 1e-5],
  });

export const hornetCall: PartCallOf<Params<'hornet'>> = (p, { width }) =>
  pythonCall('HorNetBlock', [width], {
    order: [p.order, 3],
    kernel: [p.filter === 'global' ? 7 : p.kernel, 7],
    size: [p.filter === 'global' ? mapSize : null, null],
    scale: [p.scale === 1 / 3 ? py('1 / 3') : p.scale, py('1 / 3')],
    mlp_ratio: [p.mlp, 4],
    layer_scale: [p['layer-scale'], 1e-6],
    eps: [p.epsilon, 1e-6],
  });

export const identityCall: PartCallOf<Params<'identity'>> = (_, { input, width, stride }) =>
  stride === 1 && input.channels === width
    ? 'nn.Identity()'
    : pythonCall('IdentityShortcut', [input.channels, width], { stride: [stride, 1] });

const mbconvClasses: Readonly<Record<string, string>> = {
  efficientnet: 'MBConv',
  maxvit: 'MaxViTConv',
  'coatnet-rw': 'CoAtNetConv',
};

export const mbconvCall: PartCallOf<Params<'mbconv'>> = (p, { input, width, stride }) =>
  pythonCall(mbconvClasses[p.form]!, [input.channels, width], {
    stride: [stride, 1],
    expand: [p.expand, 4],
    kernel: [p.kernel, 3],
    se: [p.se, 0.25],
    act: [activation(p.act), py('nn.SiLU')],
    round_to: [p['round-to'], 1],
    ...(p.form === 'coatnet-rw' ? {} : { padding: [p.padding, 'same'] as const }),
    eps: [p.epsilon, 1e-5],
  });

export const nasnetCall: PartCallOf<Params<'nasnet'>> = (p, { input, width, stride }) => {
  const { previous } = input;
  const normal = p.form === 'normal';
  return pythonCall(normal ? 'NormalCell' : 'ReductionCell', [input.channels, width], {
    ...(normal ? {} : { stride: [stride, 1] as const }),
    previous_chs: [previous?.channels ?? null, null],
    halve_previous: [previous !== undefined && previous.height !== input.height, false],
    ...(normal ? {} : { padded_mean: [p.average === 'padded', false] as const }),
    eps: [p.epsilon, 1e-3],
  });
};

export const plainConvCall: PartCallOf<Params<'plain-conv'>> = (p, { input, width, stride }) =>
  pythonCall('PlainConv', [input.channels, width], {
    stride: [stride, 1],
    kernel: [p.kernel, 3],
    act: [activation(p.act), py('nn.ReLU')],
    residual: [p.residual, false],
    bias: [p.bias, false],
    dropout: [p.dropout, 0],
    padding: [p.padding, 'same'],
    eps: [p.epsilon, 1e-5],
  });

export const residualCall: PartCallOf<Params<'residual'>> = (p, { input, width, stride }) => {
  const place = [input.channels, width];
  const common = { padding: [p.padding, 'same'], eps: [p.epsilon, 1e-5] } as const;
  const kernel = [p.kernel, 3] as const;
  const ratio = [p.ratio, 0.25] as const;
  const act = [activation(p.act), py('nn.ReLU')] as const;
  const by = { stride: [stride, 1] } as const;
  if (p.form === 'fastervit')
    return pythonCall('FasterViTConvBlock', place, {
      ...by,
      kernel,
      act: [activation(p.act), py('nn.GELU')],
      bias: [p.bias, false],
      layer_scale: [p['layer-scale'], 0],
      ...common,
    });
  if (p.form === 'basic')
    return pythonCall('BasicBlock', place, { ...by, kernel, act, bias: [p.bias, false], ...common });
  if (p.spatial === 'max-pool' || (p.spatial === 'hybrid' && stride === 1))
    return pythonCall('PfBottleneck', place, { ...by, ratio, act, ...common });
  if (p.spatial === 'hybrid')
    return pythonCall('PooledBottleneck', place, { kernel, ratio, act, eps: common.eps });
  return pythonCall('Bottleneck', place, { ...by, kernel, ratio, act, ...common });
};

export const scseCall: PartCallOf<Params<'scse'>> = (p, { width }) =>
  pythonCall('ChannelPixelGate', [width], { ratio: [p.ratio, 0.5], combine: [p.combine, 'maximum'] });

export const spartanCall: PartCallOf<Params<'spartan'>> = (p, { width }) =>
  pythonCall('SpaRTANBlock', [width], {
    expand: [p.expand, 2],
    dense: [p.dense, false],
    layer_scale: [p['layer-scale'], 1e-5],
    eps: [p.epsilon, 1e-6],
  });

export const unetConvCall: PartCallOf<Params<'unet-conv'>> = (p, { input, width, stride }) =>
  pythonCall('UNetConv', [input.channels, width], {
    stride: [stride, 1],
    time_dim: [input.condition?.width ?? null, null],
    expand: [p.expand, 4],
    kernel: [p.kernel, 3],
    se: [p.se, 0.25],
    act: [activation(p.act), py('nn.GELU')],
  });

export const unireplknetCall: PartCallOf<Params<'unireplknet'>> = (p, { width }) => {
  const merged = p.form === 'merged';
  const dilated: readonly PythonValue[] = merged ? [] : (dilatedBranches[p.kernel] ?? []);
  return pythonCall('UniRepLKNetBlock', [width], {
    kernel: [p.kernel, 13],
    dilated: [dilated, []],
    merged: [merged, false],
    mlp_ratio: [p.mlp, 4],
    layer_scale: [merged ? 1e-6 : p['layer-scale'], 1e-6],
  });
};
