/**
 * Swin's block: attention in M×M windows with a learned relative position bias, then an MLP.
 * https://arxiv.org/abs/2103.14030, following timm, models/swin_transformer.py; x `[b,h,w,c]` → `[b,h,w,c]`
 * Every second block of a stage shifts its windows by M/2 and masks pairs of pixels that were not
 * neighbours. Maps are padded to whole windows. A window larger than the map is cut to the map and is not
 * shifted.
 */
import { violation } from '../../util/params.js';
import type { Block } from '../block.js';
import { selfAttention } from '../layers/attention.js';
import { mlp } from '../layers/mlp.js';
import { layerNorm } from '../layers/norm-layers.js';
import { addBranch } from '../layers/residual-branch.js';
import { fromWindows, padToWindows, roll, toWindows, type WindowSize } from '../layers/windows.js';

const params = {
  'head-dim': {
    kind: 'int',
    min: 1,
    max: 512,
    default: 32,
    doc: 'channels of one head; must divide the width',
  },
  window: { kind: 'int', min: 1, max: 64, default: 7, doc: 'side of a window in pixels' },
  shift: {
    kind: 'choice',
    oneOf: ['alternate', 'never', 'always'],
    default: 'alternate',
    doc: 'which blocks shift by half a window: every second of a stage, none, all',
  },
  mlp: { kind: 'number', min: 0.25, max: 16, default: 4, doc: 'hidden channels of the MLP / width' },
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-5, doc: 'epsilon of the layer norms' },
} as const;

/** Mask `[windows,n,n]`: −100 for pairs of pixels that the shift put into one window, 0 elsewhere. */
export function shiftMask(
  height: number,
  width: number,
  window: WindowSize,
  shift: WindowSize,
): Float32Array {
  /** 0 before the axis's last window, 1 in it, 2 for pixels that the shift moved across the border. */
  const region = (position: number, size: number, side: number, by: number): number => {
    if (by === 0 || position < size - side) return 0;
    return position < size - by ? 1 : 2;
  };
  const tokens = window.height * window.width;
  const rows = height / window.height;
  const columns = width / window.width;
  const mask = new Float32Array(rows * columns * tokens * tokens);
  for (let each = 0; each < rows * columns; each++) {
    const regions = Array.from({ length: tokens }, (_, token) => {
      const y = Math.floor(each / columns) * window.height + Math.floor(token / window.width);
      const x = (each % columns) * window.width + (token % window.width);
      return 3 * region(y, height, window.height, shift.height) + region(x, width, window.width, shift.width);
    });
    for (let a = 0; a < tokens; a++)
      for (let b = 0; b < tokens; b++)
        if (regions[a] !== regions[b]) mask[(each * tokens + a) * tokens + b] = -100;
  }
  return mask;
}

export const swin = {
  name: 'swin',
  letter: 'T',
  summary: 'attention in shifted windows with relative position bias, MLP',
  source: 'https://arxiv.org/abs/2103.14030',
  params,
  reduces: false,
  problem(p, _, context) {
    return context.width % p['head-dim'] === 0
      ? undefined
      : violation(['head-dim'], `head-dim must divide the width ${context.width}, got ${p['head-dim']}`);
  },
  warning(p, input) {
    return Math.min(input.height, input.width) < p.window
      ? violation(
          ['window'],
          `window ${p.window} is larger than the map of ${input.height}×${input.width} and is cut ` +
            'to it, as the paper’s code does',
        )
      : undefined;
  },
  forward(ops, x, p, context) {
    const [, height, width] = ops.shape(x) as [number, number, number, number];
    const shifted = p.shift === 'always' || (p.shift === 'alternate' && context.index % 2 === 1);
    const window: WindowSize = { height: Math.min(p.window, height), width: Math.min(p.window, width) };
    const by = (size: number): number => (shifted && size > p.window ? Math.floor(p.window / 2) : 0);
    const shift: WindowSize = { height: by(height), width: by(width) };

    let y = roll(ops, layerNorm(ops, x, 'norm', { epsilon: p.epsilon }), shift.height, shift.width);
    y = padToWindows(ops, y, window);
    const [, paddedHeight, paddedWidth] = ops.shape(y) as [number, number, number, number];
    const tokens = window.height * window.width;
    const windows = (paddedHeight * paddedWidth) / tokens;
    const mask =
      shift.height + shift.width === 0
        ? {}
        : {
            mask: ops.constant(shiftMask(paddedHeight, paddedWidth, window, shift), [
              windows,
              tokens,
              tokens,
            ]),
          };
    y = selfAttention(ops, toWindows(ops, y, window), 'attention', {
      heads: context.width / p['head-dim'],
      biasGrid: window,
      ...mask,
    });
    y = fromWindows(ops, y, window, paddedHeight, paddedWidth);
    if (paddedHeight !== height || paddedWidth !== width)
      y = ops.slice(y, [0, 0, 0, 0], [-1, height, width, -1]);
    y = roll(ops, y, -shift.height, -shift.width);

    const attended = addBranch(ops, x, y, context.dropPath);
    const mlpInput = layerNorm(ops, attended, 'mlp-norm', { epsilon: p.epsilon });
    return addBranch(
      ops,
      attended,
      mlp(ops, mlpInput, 'mlp', Math.max(1, Math.round(p.mlp * context.width))),
      context.dropPath,
    );
  },
} as const satisfies Block<typeof params>;
