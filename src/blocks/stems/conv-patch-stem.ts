/**
 * WaveMix's stem: 3×3 convolutions to a quarter and to half of the width, a patch embedding, GELU, batch
 * norm. x `[b,h,w,3]` → `[b,h/size,w/size,width]`. https://arxiv.org/abs/2205.14375
 */
import { violation } from '../../util/params.js';
import type { StemOrDownsample } from '../block.js';
import { conv } from '../layers/conv.js';
import { batchNorm } from '../layers/norm-layers.js';

const params = {
  size: { kind: 'int', min: 1, max: 64, default: 4, doc: 'side of a patch in pixels: the stride' },
} as const;

export const convPatchStem = {
  name: 'conv-patch',
  summary: 'two 3×3 convolutions at full size, then patches',
  source: 'https://arxiv.org/abs/2205.14375',
  params,
  problem(p, input, width) {
    if (width % 4 !== 0) return violation(['width'], `the width must be a multiple of 4, got ${width}`);
    return input.height < p.size || input.width < p.size
      ? violation(['size'], `size must be at most the image's ${input.height}×${input.width}, got ${p.size}`)
      : undefined;
  },
  forward(ops, x, p, width) {
    let y = conv(ops, x, 'conv1', width / 4, { kernel: 3, bias: true });
    y = conv(ops, y, 'conv2', width / 2, { kernel: 3, bias: true });
    y = conv(ops, y, 'patch', width, { kernel: p.size, stride: p.size, bias: true, padding: 'valid' });
    return batchNorm(ops, ops.activation(y, 'gelu'), 'norm');
  },
} as const satisfies StemOrDownsample<typeof params>;
