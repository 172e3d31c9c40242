/**
 * Parameters and MACs of single published blocks at 64 channels, 14×14, as counted from their authors' or
 * timm's modules.
 */
import { describe, expect, it } from 'vitest';
import type { blocks } from '../../src/blocks/block-table.js';
import type { ParamValues } from '../../src/util/params.js';
import { cost } from '../fixtures/block-cost.js';
import { countedCosts } from '../fixtures/published/counted-costs.js';

type Name = keyof typeof blocks;
interface Case {
  readonly reference: string;
  readonly block: Name;
  readonly params?: ParamValues;
  readonly place?: { readonly width?: number; readonly stride?: 1 | 2 };
  readonly map?: readonly [number, number, number];
  /** What the reference leaves out or has beside the block, and why. */
  readonly less?: { readonly params?: number; readonly macs?: number; readonly because: string };
}

const mlp = {
  params: 8 * 64 * 64 + 5 * 64 + 4 * 64,
  macs: 8 * 64 * 64 * 196,
  because: 'the reference is the attention alone; the block adds two norms and the MLP',
};
const lsMlp = {
  params: 16768,
  macs: 3211264,
  because: 'the reference is the mixer alone; its MLP is `lsnet FFN x2`',
};
const cases: readonly Case[] = [
  { reference: 'ascan_C rd=0.25*4C', block: 'fused-mbconv' },
  { reference: 'ascan_C rd=0.25*C', block: 'fused-mbconv', params: { 'se-of': 'input' } },
  { reference: 'ascan_T parallel hd32 rpb', block: 'transformer' },
  { reference: 'timm EdgeResidual e4 noSE', block: 'fused-mbconv', params: { se: 0, act: 'silu' } },
  { reference: 'timm MBConv e4 se.25(in)', block: 'mbconv' },
  { reference: 'convnext block', block: 'convnext' },
  {
    reference: 'vit block h1',
    block: 'transformer',
    params: { form: 'sequential', position: 'none', 'head-dim': 64 },
  },
  { reference: 'timm maxvit MBConv 64->64', block: 'mbconv', params: { form: 'maxvit' } },
  {
    reference: 'timm maxvit M block 64->64 win7',
    block: 'maxvit',
    less: {
      macs: -2 * 2 * (49 * 13 * 13 + 49 * 49 * 13),
      because: 'timm expands the bias tables by matrix products, which its counter sees',
    },
  },
  { reference: 'convit GPSA dim64 h4', block: 'gpsa', less: mlp },
  {
    reference: 'hiera block 64->64 h1 mu win 49? N=196 win=4',
    block: 'hiera',
    params: { window: 2, 'head-dim': 64 },
  },
  {
    reference: 'hiera block qpool 64->128 N=196 q4 win=1... win 49',
    block: 'hiera',
    params: { window: 2, 'head-dim': 128 },
    place: { width: 128, stride: 2 },
  },
  { reference: 'hornet block order3', block: 'hornet' },
  { reference: 'swin block win7 h2', block: 'swin' },
  { reference: 'unireplknet block k13 deploy', block: 'unireplknet', params: { form: 'merged' } },
  { reference: 'unireplknet block k13 train', block: 'unireplknet' },
  { reference: 'unireplknet block k3 deploy', block: 'unireplknet', params: { form: 'merged', kernel: 3 } },
  {
    reference: 'sret Transformer_Block g1=1',
    block: 'sret',
    params: { 'head-dim': 64, calls: 1 },
    less: {
      params: 2 * 64 * 64 + 4 * 64 + 2,
      macs: 2 * 64 * 64 * 196,
      because: 'the reference is without the layer that each call has of its own',
    },
  },
  {
    reference: 'pflayer EffLayer r3',
    block: 'pf-layer',
    less: {
      ...mlp,
      because: 'the reference is the pooling half alone; the block adds two norms and the MLP',
    },
  },
  {
    reference: 'wavemix L1 mult2 ff64',
    block: 'wavemix',
    less: { macs: -16 * 14 * 14 * 4, because: 'the reference writes the wavelet as convolutions' },
  },
  { reference: 'scSE r2', block: 'scse' },
  { reference: 'fastervit HAT win7 sr1', block: 'fastervit', params: { carriers: 0, 'qkv-bias': false } },
  { reference: 'lsnet LSConv 64', block: 'lsnet', params: { alternate: false }, less: lsMlp },
  { reference: 'lsnet RepVGGDW+SE', block: 'lsnet', params: { mixer: 'repvgg' }, less: lsMlp },
  {
    reference: 'lsnet FFN x2',
    block: 'lsnet',
    params: { alternate: false },
    less: { params: 7480, macs: 1361024, because: 'the block adds the mixer, which is `lsnet LSConv 64`' },
  },
  {
    reference: 'spartan SMixer dw',
    block: 'spartan',
    less: {
      params: 31824 + 6 * 64,
      macs: 5272576,
      because: 'the block adds the channel mixer, two norms and two scales',
    },
  },
  {
    reference: 'spartan CMixer e2 grouped',
    block: 'spartan',
    less: {
      params: 8368 + 6 * 64,
      macs: 1374592,
      because: 'the block adds the spatial mixer, two norms and two scales',
    },
  },
  {
    reference: 'hornet gnconv order3',
    block: 'hornet',
    less: {
      ...mlp,
      params: 8 * 64 * 64 + 11 * 64,
      because: 'the block adds two norms, two scales and the MLP',
    },
  },
  {
    reference: 'sret Non_proj r1',
    block: 'sret',
    params: { 'head-dim': 64, calls: 1 },
    less: {
      params: 49988,
      macs: 14551040,
      because: 'the block adds the shared transformer block, which is `sret Transformer_Block g1=1`',
    },
  },
  {
    reference: 'mobilevitv2 LinearSelfAttention 64',
    block: 'mobilevit-v2',
    params: { depth: 1 },
    map: [14, 14, 128],
    less: {
      params: 13 * 128 + 2 * 128 * 64 + 6 * 64 + 4 * 64 * 64 + 3 * 64,
      macs: (9 * 128 + 2 * 128 * 64 + 4 * 64 * 64) * 196,
      because: 'the block adds convolutions, norms and the MLP',
    },
  },
  {
    reference: 'fastervit ConvBlock',
    block: 'residual',
    params: { form: 'fastervit', act: 'gelu', bias: true },
  },
];

describe('reference blocks', () => {
  it('leaves none out', () =>
    expect(cases.map(({ reference }) => reference).sort()).toEqual(Object.keys(countedCosts.blocks).sort()));
  it.each(cases)('$reference', ({ reference, block, params = {}, place = {}, map = [14, 14, 64], less }) => {
    const { params: expectedParams, macs } = countedCosts.blocks[reference]!;
    const { params: countedParams, macs: countedMacs } = cost(block, params, map, place);
    expect({ params: countedParams - (less?.params ?? 0), macs: countedMacs - (less?.macs ?? 0) }).toEqual({
      params: expectedParams,
      macs,
    });
  });
});
