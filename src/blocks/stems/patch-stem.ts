/**
 * Patch embedding: one strided convolution. Optional: a norm (ConvNeXt, Swin), learned positions (Hiera,
 * ConViT), a class token (ViT, DeiT). x `[b,h,w,3]` → `[b,h/size,w/size,width]`, with a class token
 * `[b,1,1+n,width]`, the class token first. https://arxiv.org/abs/2010.11929
 */
import { violation } from '../../util/params.js';
import type { StemOrDownsample } from '../block.js';
import { conv } from '../layers/conv.js';
import { applyNorm, normParam } from '../layers/norm-layers.js';
import { withClassToken, withPositions } from '../layers/token-embeddings.js';

const params = {
  size: { kind: 'int', min: 1, max: 64, default: 4, doc: 'side of a patch in pixels: the stride' },
  kernel: {
    kind: 'int',
    min: 0,
    max: 64,
    default: 0,
    doc: 'side of the convolution where patches overlap, padded symmetrically; 0: the patch',
  },
  norm: normParam('layer'),
  position: { kind: 'bool', default: false, doc: 'learned absolute positions' },
  'class-token': { kind: 'bool', default: false, doc: 'a learned token before the patches' },
  bias: { kind: 'bool', default: true, doc: 'bias of the convolution' },
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-6, doc: 'epsilon of the norm' },
} as const;

export const patchStem = {
  name: 'patch',
  summary: 'patch embedding, with norm, positions or class token',
  source: 'https://arxiv.org/abs/2010.11929',
  params,
  problem(p, input) {
    if (p.kernel !== 0 && p.kernel < p.size)
      return violation(['kernel'], `kernel must be 0 or at least the patch of ${p.size}, got ${p.kernel}`);
    return p.kernel === 0 && (input.height < p.size || input.width < p.size)
      ? violation(['size'], `size must be at most the image's ${input.height}×${input.width}, got ${p.size}`)
      : undefined;
  },
  forward(ops, x, p, width) {
    const overlaps = p.kernel > p.size;
    let y = conv(ops, x, 'conv', width, {
      kernel: overlaps ? p.kernel : p.size,
      stride: p.size,
      bias: p.bias,
      padding: overlaps ? Math.floor(p.kernel / 2) : 'valid',
      init: { kind: 'he-normal', fan: 'in' },
    });
    y = applyNorm(ops, y, 'norm', p.norm, { epsilon: p.epsilon });
    if (p['class-token']) y = withClassToken(ops, y);
    return p.position ? withPositions(ops, y) : y;
  },
} as const satisfies StemOrDownsample<typeof params>;
