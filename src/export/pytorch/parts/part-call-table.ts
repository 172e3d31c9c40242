/**
 * The PyTorch class of each part, as a call. A part of the tables of `blocks` that is not here does not
 * compile.
 * The classes are in `../python`, one file for a block.
 */
import type { blocks, downsamples, heads, PartKind, stems } from '../../../blocks/block-table.js';
import {
  fastervitCall,
  gpsaCall,
  hieraCall,
  sretCall,
  swinCall,
  transformerCall,
  unetTransformerCall,
} from './attention-blocks.js';
import {
  convnextCall,
  fusedMbconvCall,
  hornetCall,
  identityCall,
  mbconvCall,
  nasnetCall,
  plainConvCall,
  residualCall,
  scseCall,
  spartanCall,
  unetConvCall,
  unireplknetCall,
} from './conv-blocks.js';
import * as layers from './layer-calls.js';
import {
  lowformerCall,
  lsnetCall,
  maximCall,
  maxvitCall,
  mobilevitV2Call,
  pfLayerCall,
  wavemixCall,
} from './mixer-blocks.js';
import type { PartCallOf } from './part-call.js';

const blockCalls = {
  'fused-mbconv': fusedMbconvCall,
  mbconv: mbconvCall,
  transformer: transformerCall,
  convnext: convnextCall,
  fastervit: fastervitCall,
  gpsa: gpsaCall,
  hiera: hieraCall,
  hornet: hornetCall,
  maxim: maximCall,
  maxvit: maxvitCall,
  'mobilevit-v2': mobilevitV2Call,
  nasnet: nasnetCall,
  'plain-conv': plainConvCall,
  residual: residualCall,
  swin: swinCall,
  lowformer: lowformerCall,
  lsnet: lsnetCall,
  'pf-layer': pfLayerCall,
  scse: scseCall,
  spartan: spartanCall,
  sret: sretCall,
  unireplknet: unireplknetCall,
  wavemix: wavemixCall,
  'unet-conv': unetConvCall,
  'unet-transformer': unetTransformerCall,
  identity: identityCall,
} as const satisfies { readonly [Name in keyof typeof blocks]: PartCallOf<(typeof blocks)[Name]['params']> };

const stemCalls = {
  conv: layers.convStemCall,
  patch: layers.patchStemCall,
  'conv-pool': layers.convPoolStemCall,
  'conv-patch': layers.convPatchStemCall,
  denoise: layers.denoiseStemCall,
} as const satisfies { readonly [Name in keyof typeof stems]: PartCallOf<(typeof stems)[Name]['params']> };

const downsampleCalls = {
  conv: layers.convDownsampleCall,
  'patch-merge': layers.patchMergeCall,
  depthwise: layers.depthwiseDownsampleCall,
  'max-pool': layers.maxPoolDownsampleCall,
  'class-token': layers.classTokenCall,
  up: layers.upCall,
  'cross-gate': layers.crossGateCall,
  none: layers.noDownsampleCall,
} as const satisfies {
  readonly [Name in keyof typeof downsamples]: PartCallOf<(typeof downsamples)[Name]['params']>;
};

const headCalls = {
  'pool-linear': layers.poolLinearCall,
  'conv-pool-linear': layers.convPoolLinearCall,
  'act-pool-linear': layers.actPoolLinearCall,
  upernet: layers.upernetCall,
  'to-image': layers.toImageCall,
} as const satisfies { readonly [Name in keyof typeof heads]: PartCallOf<(typeof heads)[Name]['params']> };

/** The calls by kind of part. */
export const partCallTable: Readonly<Record<PartKind, Readonly<Record<string, PartCallOf<never>>>>> = {
  block: blockCalls,
  stem: stemCalls,
  downsample: downsampleCalls,
  head: headCalls,
};
