/** Calls of the attention blocks' classes. */
import type { blocks } from '../../../blocks/block-table.js';
import { py, pythonCall } from '../python-text.js';
import { mapSize, type PartCallOf } from './part-call.js';

type Params<Name extends keyof typeof blocks> = (typeof blocks)[Name]['params'];

export const fastervitCall: PartCallOf<Params<'fastervit'>> = (p, { width }) =>
  pythonCall('FasterViTBlock', [width, mapSize], {
    depth: [p.depth, 1],
    head_dim: [p['head-dim'], 32],
    window: [p.window, 7],
    carriers: [p.carriers, 2],
    mlp_ratio: [p.mlp, 4],
    qkv_bias: [p['qkv-bias'], true],
    layer_scale: [p['layer-scale'], 0],
    eps: [p.epsilon, 1e-5],
  });

export const gpsaCall: PartCallOf<Params<'gpsa'>> = (p, { width }) =>
  pythonCall('ConViTBlock', [width, mapSize], {
    head_dim: [p['head-dim'], 16],
    locality: [p.locality, 1],
    mlp_ratio: [p.mlp, 4],
    eps: [p.epsilon, 1e-6],
  });

export const hieraCall: PartCallOf<Params<'hiera'>> = (p, { input, width, stride }) =>
  pythonCall('HieraBlock', [input.channels, width], {
    stride: [stride, 1],
    head_dim: [p['head-dim'], 32],
    window: [p.window, 0],
    mlp_ratio: [p.mlp, 4],
    eps: [p.epsilon, 1e-6],
  });

export const sretCall: PartCallOf<Params<'sret'>> = (p, { width }) =>
  pythonCall('SReTBlock', [width], {
    head_dim: [p['head-dim'], 32],
    calls: [p.calls, 2],
    groups: [p.groups, 1],
    later_groups: [p['later-groups'], 1],
    mlp_ratio: [p.mlp, 4],
    own_mlp_ratio: [p['own-mlp'], 1],
    eps: [p.epsilon, 1e-6],
  });

export const swinCall: PartCallOf<Params<'swin'>> = (p, { width, index }) => {
  const written = (shifted: Parameters<typeof pythonCall>[1][number]): string =>
    pythonCall('SwinBlock', [width, mapSize], {
      head_dim: [p['head-dim'], 32],
      window: [p.window, 7],
      shifted: [shifted, false],
      mlp_ratio: [p.mlp, 4],
      eps: [p.epsilon, 1e-5],
    });
  if (p.shift !== 'alternate') return written(p.shift === 'always');
  return { code: written(index % 2 === 1), indexed: written(py('i % 2 == 1')) };
};

export const transformerCall: PartCallOf<Params<'transformer'>> = (p, { input, width, stride }) => {
  const relative = p.position === 'relative';
  const keywords = {
    stride: [stride, 1],
    head_dim: [p['head-dim'], 32],
    mlp_ratio: [p.mlp, 4],
    pre_act: [p['pre-act'], false],
    qkv_bias: [p['qkv-bias'], true],
    eps: [p.epsilon, 1e-6],
  } as const;
  const rotary = [p.position === 'rotary', false] as const;
  if (p.form === 'parallel')
    return pythonCall('ParallelTransformer', [input.channels, width], {
      ...keywords,
      size: [relative ? mapSize : null, null],
      rotary,
    });
  const late = [p.form === 'sequential-late', false] as const;
  return relative
    ? pythonCall('RelativeTransformer', [input.channels, width, mapSize], { ...keywords, late })
    : pythonCall('Transformer', [input.channels, width], { ...keywords, rotary, late });
};

export const unetTransformerCall: PartCallOf<Params<'unet-transformer'>> = (p, { input, width }) =>
  pythonCall('UNetTransformer', [width], {
    token_dim: [input.condition && input.condition.tokens > 0 ? input.condition.tokenWidth : null, null],
    head_dim: [p['head-dim'], 64],
    mlp_ratio: [p.mlp, 4],
    rotary: [p.position === 'rotary', true],
    qk_norm: [p['qk-norm'], true],
    query_text: [p['cross-query'] === 'text', false],
  });
