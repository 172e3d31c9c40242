/** Small networks of published families, whose outputs are compared with the published implementations'. */
import type { Architecture } from '../../src/architecture/architecture.js';
import { networkOf, part } from '../fixtures/network-of.js';
import {
  coatnet,
  convit,
  convnext,
  fastervit,
  hiera,
  hornet,
  lowformer,
  lsnet,
  maxvit,
  mobilevitV2,
  nasnetA,
  resnet,
  spartan,
  sret,
  swin,
  unireplknet,
  vit,
  vitMax,
  wavemix,
} from '../fixtures/reference-networks.js';

const small = (architecture: Architecture, side = 64): Architecture => ({
  ...architecture,
  classes: 10,
  input: { height: side, width: side, channels: 3 },
});

/**
 * EfficientNetV2's three kinds of block: convolution with skip, FusedMBConv, MBConv with squeeze-excitation.
 */
const efficientnet = (): Architecture =>
  networkOf({
    stem: ['conv', { layers: 1, act: 'silu', epsilon: 1e-3 }],
    stemWidth: 8,
    blocks: {
      A: ['plain-conv', { act: 'silu', residual: true, epsilon: 1e-3 }],
      F: ['fused-mbconv', { expand: 4, se: 0, act: 'silu', epsilon: 1e-3 }],
      B: ['mbconv', { expand: 4, epsilon: 1e-3 }],
    },
    stages: [
      { width: 8, layout: 'A' },
      { width: 16, down: 2, layout: 'FF' },
      { width: 24, down: 2, layout: 'BB' },
    ],
    head: ['conv-pool-linear', { width: 32, act: 'silu', epsilon: 1e-3 }],
  });

/** MobileNetV2's blocks: depthwise and 1×1, then inverted residuals. */
const mobilenet = (): Architecture =>
  networkOf({
    stem: ['conv', { layers: 1, act: 'relu6', padding: 'symmetric' }],
    stemWidth: 8,
    blocks: {
      A: ['mbconv', { expand: 1, se: 0, act: 'relu6', padding: 'symmetric' }],
      B: ['mbconv', { expand: 6, se: 0, act: 'relu6', padding: 'symmetric' }],
    },
    stages: [
      { width: 8, layout: 'A' },
      { width: 16, down: 2, layout: 'BB' },
    ],
    head: ['conv-pool-linear', { width: 32, act: 'relu6' }],
  });

/** FusedMBConv with squeeze-excitation, its ratio read of the input. */
const fusedSe = (): Architecture =>
  networkOf({
    stem: ['conv', { layers: 1, act: 'silu', padding: 'symmetric' }],
    stemWidth: 8,
    blocks: { F: ['fused-mbconv', { expand: 4, 'se-of': 'input', act: 'silu', padding: 'symmetric' }] },
    stages: [{ width: 16, down: 2, layout: 'FF' }],
    head: ['conv-pool-linear', { width: 32, act: 'silu' }],
  });

export const parityNetworks: Readonly<Record<string, () => Architecture>> = {
  convnext: () => small(convnext(8, [1, 1, 2, 1])),
  swin: () => small(swin(32, [2, 2, 2, 2])),
  coatnet: () => small(coatnet(32, [1, 2, 2, 1], 16)),
  maxvit: () => small(maxvit(32, [1, 1, 2, 1], 16, 2)),
  hiera: () => small(hiera(16, [1, 2, 2, 1])),
  vit: () => small(vit(64, 32, 2)),
  convit: () => small(convit(4, 12, 2)),
  mobilevitv2: () => small(mobilevitV2(0.25)),
  efficientnet: () => small(efficientnet()),
  resnet_basic: () => small(resnet('basic', [64, 128, 256, 512], [1, 1, 1, 1])),
  resnet_bottleneck: () => small(resnet('bottleneck', [256, 512, 1024, 2048], [1, 1, 1, 1])),
  resnet_pf_max: () =>
    small(resnet('bottleneck', [256, 512, 1024, 2048], [1, 1, 1, 1], { spatial: 'max-pool' })),
  resnet_pf_hybrid: () =>
    small(resnet('bottleneck', [256, 512, 1024, 2048], [1, 2, 1, 1], { spatial: 'hybrid' })),
  pf_vit: () => small(vitMax(64, 2)),
  nasnet: () => small(nasnetA(8, 6, 16, 64)),
  lsnet: () => small(lsnet([32, 48, 64, 96], [1, 2, 2, 2]), 128),
  sret: () => small(sret(16, [1, 2, 4], 3.6, 1, [1, 2, 1])),
  spartan: () => small(spartan(64, 16, [1, 1, 2, 1])),
  wavemix: () => small(wavemix(32, 2, 3)),
  mobilenet: () => small(mobilenet()),
  fused_se: () => small(fusedSe()),
  upernet: () => ({
    ...small(convnext(8, [1, 1, 2, 1])),
    classes: 3,
    head: part('head', ['upernet', { width: 16 }]),
  }),
  hornet: () => small(hornet(16, 'depthwise', [1, 1, 2, 1])),
  hornet_gf: () => small(hornet(32, 'global', [1, 1, 2, 1])),
  unireplknet: () => small(unireplknet(16, ['SS', 'LL', 'LLLLLL', 'LL'], 'training')),
  fastervit: () => small(fastervit({ first: 32, stem: 16, depths: [1, 1, 2, 1] }), 224),
  lowformer: () => small(lowformer({ first: 16, depths: [0, 1, 1, 1, 1] })),
};
