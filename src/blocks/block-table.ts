/**
 * The tables of blocks, stems, downsampling layers and heads, from which every architecture is assembled.
 *
 * Enters: names from space files and architectures. Leaves: definitions (`block.ts`). Callers: `network`,
 * `space`, `profile` and the command line; a block imports only `layers`,
 * `tensor`, `util` and other blocks. To add a
 * part, write its file and add its line here. Blocks are in `conv`, `attention`, `hybrid` (convolution and
 * attention) and `mixer` (neither); `merge` holds structural re-parameterisation, `modifiers` what wraps any
 * block.
 */
import { fastervit } from './attention/fastervit.js';
import { gpsa } from './attention/gpsa.js';
import { hiera } from './attention/hiera.js';
import { sret } from './attention/sret.js';
import { swin } from './attention/swin.js';
import { transformer } from './attention/transformer.js';
import { unetTransformer } from './attention/unet-transformer.js';
import type { Block, Head, StemOrDownsample } from './block.js';
import { convnext } from './conv/convnext.js';
import { fusedMbconv } from './conv/fused-mbconv.js';
import { hornet } from './conv/hornet.js';
import { identity } from './conv/identity.js';
import { mbconv } from './conv/mbconv.js';
import { nasnet } from './conv/nasnet.js';
import { plainConv } from './conv/plain-conv.js';
import { residual } from './conv/residual.js';
import { scse } from './conv/scse.js';
import { spartan } from './conv/spartan.js';
import { unetConv } from './conv/unet-conv.js';
import { unireplknet } from './conv/unireplknet.js';
import { classToken } from './downsamples/class-token.js';
import { convDownsample } from './downsamples/conv-downsample.js';
import { crossGate } from './downsamples/cross-gate.js';
import { depthwiseDownsample } from './downsamples/depthwise-downsample.js';
import { maxPoolDownsample } from './downsamples/max-pool-downsample.js';
import { noDownsample } from './downsamples/no-downsample.js';
import { patchMerge } from './downsamples/patch-merge.js';
import { up } from './downsamples/up.js';
import { actPoolLinear } from './heads/act-pool-linear.js';
import { convPoolLinear } from './heads/conv-pool-linear.js';
import { poolLinear } from './heads/pool-linear.js';
import { toImage } from './heads/to-image.js';
import { upernet } from './heads/upernet.js';
import { lowformer } from './hybrid/lowformer.js';
import { lsnet } from './hybrid/lsnet.js';
import { maxvit } from './hybrid/maxvit.js';
import { mobilevitV2 } from './hybrid/mobilevit-v2.js';
import { maxim } from './mixer/maxim.js';
import { pfLayer } from './mixer/pf-layer.js';
import { wavemix } from './mixer/wavemix.js';
import { convPatchStem } from './stems/conv-patch-stem.js';
import { convPoolStem } from './stems/conv-pool-stem.js';
import { convStem } from './stems/conv-stem.js';
import { denoiseStem } from './stems/denoise-stem.js';
import { patchStem } from './stems/patch-stem.js';

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
  // biome-ignore lint/suspicious/noExplicitAny: each row has its own parameter table and is checked by itself
} as const satisfies Record<string, Block<any>>;

export const stems = {
  conv: convStem,
  patch: patchStem,
  'conv-pool': convPoolStem,
  'conv-patch': convPatchStem,
  denoise: denoiseStem,
  // biome-ignore lint/suspicious/noExplicitAny: each row has its own parameter table and is checked by itself
} as const satisfies Record<string, StemOrDownsample<any>>;

export const downsamples = {
  conv: convDownsample,
  'patch-merge': patchMerge,
  depthwise: depthwiseDownsample,
  'max-pool': maxPoolDownsample,
  'class-token': classToken,
  up,
  'cross-gate': crossGate,
  none: noDownsample,
  // biome-ignore lint/suspicious/noExplicitAny: each row has its own parameter table and is checked by itself
} as const satisfies Record<string, StemOrDownsample<any>>;

export const heads = {
  'pool-linear': poolLinear,
  'conv-pool-linear': convPoolLinear,
  'act-pool-linear': actPoolLinear,
  upernet,
  'to-image': toImage,
  // biome-ignore lint/suspicious/noExplicitAny: each row has its own parameter table and is checked by itself
} as const satisfies Record<string, Head<any>>;

/** The built-in parts by kind. */
export const builtInParts = { block: blocks, stem: stems, downsample: downsamples, head: heads } as const;
export type PartKind = keyof typeof builtInParts;

/** The built-in parts, and those that `own-parts.ts` registers. */
export const knownParts: {
  readonly block: Record<string, Block>;
  readonly stem: Record<string, StemOrDownsample>;
  readonly downsample: Record<string, StemOrDownsample>;
  readonly head: Record<string, Head>;
} = { block: { ...blocks }, stem: { ...stems }, downsample: { ...downsamples }, head: { ...heads } };

/** The definitions by kind of part. */
export const partTables: {
  readonly [K in PartKind]: Readonly<(typeof knownParts)[K]>;
} = knownParts;
