/**
 * Blocks, stems, downsampling layers and heads of one's own (`import … from 'stagecraft/blocks'`, and part of
 * `'stagecraft'`): `defineBlock` and its like, and the layers that the built-in ones are made of. It loads no
 * engine and no database, since every child process loads it with the modules of `--blocks`. Feature maps are
 * NHWC: `[batch, height, width, channels]`.
 */
export type { Block, BlockContext, Head, InputSizes, MapSize, StemOrDownsample } from '../blocks/block.js';
export { activate, activationNames, activationParam } from '../blocks/layers/activations.js';
export { scaledDotProductAttention, selfAttention } from '../blocks/layers/attention.js';
export { conv, depthwise } from '../blocks/layers/conv.js';
export { layerScale } from '../blocks/layers/layer-scale.js';
export { linear } from '../blocks/layers/linear-layer.js';
export { mlp } from '../blocks/layers/mlp.js';
export { batchNorm, groupNorm, layerNorm, rmsNorm } from '../blocks/layers/norm-layers.js';
export { addBranch, toTokens } from '../blocks/layers/residual-branch.js';
export { squeezeExcite } from '../blocks/layers/squeeze-excite.js';
export {
  defineBlock,
  defineDownsample,
  defineHead,
  defineStem,
  type OwnPart,
  registerBlock,
  registerPart,
} from '../blocks/own-parts.js';
export type { TensorOps } from '../tensor/tensor-ops.js';
export { type ParamSpec, type ParamsOf, type ParamTable, violation } from '../util/params.js';
