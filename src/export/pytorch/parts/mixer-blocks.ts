/** Calls of the classes of hybrid blocks and mixers. */
import type { blocks } from '../../../blocks/block-table.js';
import { py, pythonCall } from '../python-text.js';
import { activation, mapSize, type PartCallOf } from './part-call.js';

type Params<Name extends keyof typeof blocks> = (typeof blocks)[Name]['params'];

export const lowformerCall: PartCallOf<Params<'lowformer'>> = (p, { width }) => {
  const automatic = width < 256 ? 'fused' : 'depthwise';
  const local = p.local === 'auto' ? automatic : p.local;
  return pythonCall('LowFormerBlock', [width], {
    stride: [p.stride, 2],
    expand: [p.expand, 4],
    mlp_ratio: [p.mlp, 4],
    local: [local === 'none' ? null : local, 'fused'],
    act: [activation(p.act), py('nn.Hardswish')],
  });
};

export const lsnetCall: PartCallOf<Params<'lsnet'>> = (p, { width, index }) => {
  const repVgg = pythonCall('RepVGGMixer', [width], { merged: [p.form === 'merged', false] });
  const named: Readonly<Record<string, string>> = {
    repvgg: repVgg,
    ls: pythonCall('LSConv', [width], { kernel: [p.kernel, 7], groups: [p.groups, 8] }),
    attention: pythonCall('LeViTAttention', [width, mapSize], {
      heads: [p.heads, 4],
      key_dim: [p['key-dim'], 16],
    }),
  };
  const block = (mixer: string): string =>
    pythonCall('LSNetBlock', [width, py(mixer)], { mlp_ratio: [p.mlp, 2] });
  const mixer = named[p.mixer]!;
  if (!p.alternate || p.mixer === 'repvgg') return block(mixer);
  return {
    code: block(index % 2 === 0 ? repVgg : mixer),
    indexed: block(`${repVgg} if i % 2 == 0 else ${mixer}`),
  };
};

export const maxvitCall: PartCallOf<Params<'maxvit'>> = (p, { input, width, stride }) =>
  pythonCall('MaxViTBlock', [input.channels, width], {
    stride: [stride, 1],
    head_dim: [p['head-dim'], 32],
    window: [p.window, 7],
    expand: [p.expand, 4],
    kernel: [p.kernel, 3],
    se: [p.se, 0.25],
    mlp_ratio: [p.mlp, 4],
    act: [activation(p.act), py('nn.GELU')],
    padding: [p.padding, 'same'],
    conv_eps: [p['conv-epsilon'], 1e-3],
    eps: [p.epsilon, 1e-5],
  });

export const mobilevitV2Call: PartCallOf<Params<'mobilevit-v2'>> = (p, { input, width }) =>
  pythonCall('MobileViTV2Block', [input.channels, width], {
    depth: [p.depth, 2],
    ratio: [p.ratio, 0.5],
    mlp_ratio: [p.mlp, 2],
    patch: [p.patch, 2],
    kernel: [p.kernel, 3],
    eps: [p.epsilon, 1e-5],
  });

export const maximCall: PartCallOf<Params<'maxim'>> = (p, { width }) =>
  pythonCall('MAXIMBlock', [width], {
    block: [p.block, 7],
    grid: [p.grid, 7],
    factor: [p.factor, 2],
    channel_attention: [p['channel-attention'], true],
  });

export const pfLayerCall: PartCallOf<Params<'pf-layer'>> = (p, { width }) =>
  pythonCall('PfBlock', [width], {
    ratio: [p.ratio, 3],
    window: [p.window, 3],
    mlp_ratio: [p.mlp, 4],
    eps: [p.epsilon, 1e-6],
  });

export const wavemixCall: PartCallOf<Params<'wavemix'>> = (p, { width }) =>
  pythonCall('WaveMixBlock', [width], {
    level: [p.level, 1],
    mult: [p.mult, 2],
    ff: [p.ff, 1],
    dropout: [p.dropout, 0.5],
  });
