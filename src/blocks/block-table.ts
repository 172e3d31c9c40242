/** The tables of everything an architecture is put together from. Adding one = its file and its line here. */
import type { Block, Head, Layer } from './block.js';
import { convnext } from './convnext.js';
import { classToken } from './downsamples/class-token.js';
import { convDownsample } from './downsamples/conv.js';
import { crossGate } from './downsamples/cross-gate.js';
import { depthwiseDownsample } from './downsamples/depthwise.js';
import { maxPoolDownsample } from './downsamples/max-pool.js';
import { noDownsample } from './downsamples/none.js';
import { patchMerge } from './downsamples/patch-merge.js';
import { up } from './downsamples/up.js';
import { fastervit } from './fastervit.js';
import { fusedMbconv } from './fused-mbconv.js';
import { gpsa } from './gpsa.js';
import { actPoolLinear } from './heads/act-pool-linear.js';
import { convPoolLinear } from './heads/conv-pool-linear.js';
import { poolLinear } from './heads/pool-linear.js';
import { toImage } from './heads/to-image.js';
import { upernet } from './heads/upernet.js';
import { hiera } from './hiera.js';
import { hornet } from './hornet.js';
import { identity } from './identity.js';
import { lowformer } from './lowformer.js';
import { lsnet } from './lsnet.js';
import { maxim } from './maxim.js';
import { maxvit } from './maxvit.js';
import { mbconv } from './mbconv.js';
import { mobilevitV2 } from './mobilevit-v2.js';
import { nasnet } from './nasnet.js';
import { pfLayer } from './pf-layer.js';
import { plainConv } from './plain-conv.js';
import { residual } from './residual.js';
import { scse } from './scse.js';
import { spartan } from './spartan.js';
import { sret } from './sret.js';
import { convStem } from './stems/conv.js';
import { convPatchStem } from './stems/conv-patch.js';
import { convPoolStem } from './stems/conv-pool.js';
import { denoiseStem } from './stems/denoise.js';
import { patchStem } from './stems/patch.js';
import { swin } from './swin.js';
import { transformer } from './transformer.js';
import { unetConv } from './unet-conv.js';
import { unetTransformer } from './unet-transformer.js';
import { unireplknet } from './unireplknet.js';
import { wavemix } from './wavemix.js';

export const blocks = {
  'fused-mbconv': fusedMbconv,
  mbconv,
  transformer,
  convnext,
  fastervit,
  gpsa,
  hiera,
  hornet,
  maxim,
  maxvit,
  'mobilevit-v2': mobilevitV2,
  nasnet,
  'plain-conv': plainConv,
  residual,
  swin,
  lowformer,
  lsnet,
  'pf-layer': pfLayer,
  scse,
  spartan,
  sret,
  unireplknet,
  wavemix,
  'unet-conv': unetConv,
  'unet-transformer': unetTransformer,
  identity,
} as const satisfies Record<string, Block<any>>;

export const stems = {
  conv: convStem,
  patch: patchStem,
  'conv-pool': convPoolStem,
  'conv-patch': convPatchStem,
  denoise: denoiseStem,
} as const satisfies Record<string, Layer<any>>;

export const downsamples = {
  conv: convDownsample,
  'patch-merge': patchMerge,
  depthwise: depthwiseDownsample,
  'max-pool': maxPoolDownsample,
  'class-token': classToken,
  up,
  'cross-gate': crossGate,
  none: noDownsample,
} as const satisfies Record<string, Layer<any>>;

export const heads = {
  'pool-linear': poolLinear,
  'conv-pool-linear': convPoolLinear,
  'act-pool-linear': actPoolLinear,
  upernet,
  'to-image': toImage,
} as const satisfies Record<string, Head<any>>;

/** What a part may be, by where it stands. */
export const partTables: {
  readonly block: Readonly<Record<string, Block>>;
  readonly stem: Readonly<Record<string, Layer>>;
  readonly downsample: Readonly<Record<string, Layer>>;
  readonly head: Readonly<Record<string, Head>>;
} = { block: blocks, stem: stems, downsample: downsamples, head: heads };
export type PartKind = keyof typeof partTables;
