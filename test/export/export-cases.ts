/** Networks whose exports are compared with the lab: every part and modifier, published networks, random layouts. */

import type { Architecture } from '../../src/architecture/architecture.js';
import type { Block } from '../../src/blocks/block.js';
import { blocks } from '../../src/blocks/block-table.js';
import { blockNetworks, oneBlock } from '../../src/network/block-networks.js';
import type { ParamValues } from '../../src/util/params.js';
import { segmenter, unet } from '../fixtures/decoder-networks.js';
import { networkOf } from '../fixtures/network-of.js';
import { layerNetworks } from '../fixtures/part-networks.js';

type Networks = Readonly<Record<string, () => Architecture>>;

/** Parameters that change what a block computes, besides its defaults. */
const variants: readonly (readonly [keyof typeof blocks, ParamValues, { side?: number; width?: number }?])[] =
  [
    ['convnext', { kernel: 3, act: 'gelu-tanh', 'layer-scale': 0 }],
    ['fused-mbconv', { se: 0, 'project-norm': false, padding: 'symmetric', act: 'leaky-relu' }],
    ['fused-mbconv', { 'se-of': 'input', kernel: 5, expand: 1.5 }, { side: 13 }],
    ['mbconv', { expand: 1, se: 0, act: 'relu6', padding: 'symmetric' }],
    ['mbconv', { form: 'maxvit', 'round-to': 8 }, { side: 13 }],
    ['mbconv', { form: 'coatnet-rw', kernel: 5 }, { side: 13 }],
    ['transformer', { form: 'sequential', position: 'none', 'qkv-bias': false }],
    ['transformer', { form: 'sequential-late', position: 'rotary', 'pre-act': true }, { side: 7 }],
    ['transformer', { position: 'rotary' }, { side: 7 }],
    ['swin', { window: 4, shift: 'always' }, { side: 10 }],
    ['swin', { window: 16 }, { side: 6 }],
    ['hiera', { window: 2 }, { side: 8 }],
    ['hornet', { filter: 'global', order: 2 }, { side: 7 }],
    ['hornet', { filter: 'global', order: 3, 'layer-scale': 0 }, { side: 8 }],
    ['residual', { form: 'bottleneck', padding: 'symmetric' }, { side: 13 }],
    ['residual', { form: 'bottleneck', spatial: 'hybrid' }, { side: 13 }],
    ['residual', { form: 'bottleneck', spatial: 'max-pool' }, { side: 13 }],
    ['residual', { form: 'fastervit', bias: true, act: 'gelu' }],
    ['plain-conv', { residual: true, bias: true, act: 'hard-swish' }],
    ['scse', { combine: 'add', ratio: 0.25 }],
    ['spartan', { dense: true }],
    ['nasnet', { average: 'padded', 'pass-previous': true }, { side: 13, width: 48 }],
    ['nasnet', { form: 'reduction' }, { side: 13, width: 48 }],
    ['lowformer', { stride: 3, local: 'depthwise' }, { side: 11 }],
    ['lowformer', { stride: 1, local: 'none' }, { side: 6 }],
    ['lsnet', { mixer: 'attention', alternate: false, 'key-dim': 8 }, { side: 6 }],
    ['lsnet', { form: 'merged' }],
    ['unireplknet', { kernel: 5 }],
    ['unireplknet', { kernel: 0 }],
    ['unireplknet', { form: 'merged', kernel: 9 }],
    ['wavemix', { level: 2, ff: 0.5 }, { side: 8 }],
    ['mobilevit-v2', { patch: 3, depth: 1 }, { side: 7 }],
    ['maxvit', { window: 2, act: 'gelu-tanh' }, { side: 8 }],
    ['maxim', { block: 2, grid: 4, factor: 1, 'channel-attention': false }, { side: 8 }],
    ['fastervit', { window: 4, carriers: 1, depth: 2, 'qkv-bias': false }, { side: 8 }],
    ['fastervit', { window: 4, carriers: 0 }, { side: 8 }],
    ['sret', { calls: 3, groups: 4, 'later-groups': 2 }, { side: 6 }],
    ['pf-layer', { window: 5 }],
    ['gpsa', { 'head-dim': 8 }, { side: 5 }],
  ];

const variantNetworks: Networks = Object.fromEntries(
  variants.map(([name, params, place = {}], index) => [
    `variant ${index} ${name}`,
    () => oneBlock(blocks[name] as Block, { side: 14, width: 64, ...place, params: { ...params } }),
  ]),
);

const modified = (params: ParamValues, block: keyof typeof blocks = 'mbconv'): Architecture => {
  const whole = oneBlock(blocks[block] as Block, { side: 8, width: 16, params: { ...params } });
  return { ...whole, stages: whole.stages.slice(0, 1) };
};

const modifierNetworks: Networks = {
  'with-drop-path': () => modified({ 'with-drop-path': 0 }),
  'with-reparam training': () => modified({ 'with-reparam': 'training' }),
  'with-reparam merged': () => modified({ 'with-reparam': 'merged', padding: 'symmetric' }, 'plain-conv'),
  'with-se': () => modified({ 'with-se': 0.25 }),
  'with-layer-scale': () => modified({ 'with-layer-scale': 0.5 }),
  'with-scse': () => modified({ 'with-scse': 'maximum' }),
  'with-parallel': () => modified({ 'with-parallel': 3 }),
  'with-calls': () => modified({ 'with-calls': 2 }, 'convnext'),
  'with all': () =>
    modified({
      'with-reparam': 'training',
      'with-se': 0.5,
      'with-layer-scale': 0.5,
      'with-scse': 'add',
      'with-parallel': 2,
      'with-calls': 2,
    }),
};

const layerVariants: Networks = {
  'stem conv valid': () =>
    stemmed(['conv', { layers: 3, stride: 4, padding: 'valid', growth: 'doubling', position: true }], 37),
  'stem conv plain': () =>
    stemmed(['conv', { layers: 2, last: 'plain', bias: true, norm: 'layer', hidden: 5 }], 15),
  'stem patch overlapping': () =>
    stemmed(['patch', { size: 4, kernel: 7, position: true, norm: 'none' }], 18),
  'stem patch even kernel': () => stemmed(['patch', { size: 2, kernel: 4, position: true }], 17),
  'stem patch class token': () =>
    stemmed(['patch', { size: 4, position: true, 'class-token': true, norm: 'none', bias: false }], 16),
  'stem conv-pool symmetric': () => stemmed(['conv-pool', { padding: 'symmetric' }], 33),
  'downsample depthwise expanding': () => reduced(['depthwise', { form: 'expanding' }]),
  'downsample max-pool overlapping': () => reduced(['max-pool', { window: 3, padding: 'symmetric' }]),
  'downsample conv first': () =>
    reduced(['conv', { 'norm-first': true, norm: 'layer', kernel: 2, bias: true }]),
  'downsample conv even': () => reduced(['conv', { kernel: 4, padding: 'symmetric', act: 'relu' }]),
  'head pool hidden': () => headed(['pool-linear', { hidden: 12, norm: 'batch', 'hidden-act': 'silu' }]),
  'head conv hidden': () => headed(['conv-pool-linear', { width: 24, hidden: 12 }]),
  'decoder transposed': () => unet({ condition: 'time', side: 15 }),
  segmenter: () => segmenter(['C', 'CC', 'C', 'C']),
};

const stemmed = (stem: Parameters<typeof networkOf>[0]['stem'], side: number): Architecture =>
  networkOf({
    side,
    classes: 3,
    stem,
    stemWidth: 16,
    blocks: { T: ['transformer', { 'head-dim': 8, mlp: 2 }] },
    stages: [{ width: 16, layout: 'TT' }],
    head: ['pool-linear'],
  });
const reduced = (down: Parameters<typeof networkOf>[0]['stem']): Architecture =>
  networkOf({
    side: 15,
    classes: 3,
    stem: ['conv', { stride: 1, layers: 1 }],
    stemWidth: 8,
    blocks: { C: ['convnext', { 'layer-scale': 0.5 }], T: ['transformer', { 'head-dim': 8, mlp: 2 }] },
    stages: [
      { width: 8, layout: 'C' },
      { width: 16, layout: 'T', down },
    ],
    head: ['pool-linear'],
  });
const headed = (head: Parameters<typeof networkOf>[0]['stem']): Architecture => ({
  ...reduced(['conv']),
  head: networkOf({ stem: ['conv'], stemWidth: 8, blocks: {}, stages: [], head }).head,
});

/** Parts, their variants and modifiers: small networks, whose gradients are compared, too. */
export const smallCases: Networks = {
  ...blockNetworks([14], { widths: [64, 48, 96] }),
  ...layerNetworks,
  ...variantNetworks,
  ...modifierNetworks,
  ...layerVariants,
};
