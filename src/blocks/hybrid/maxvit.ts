/**
 * MaxViT's block: MBConv, window attention, grid attention; an MLP follows each attention.
 * https://arxiv.org/abs/2204.01697, following timm, models/maxxvit.py; x `[b,h,w,c]` →
 * `[b,h/stride,w/stride,width]`
 * The grid holds pixels that are spread evenly over the map. AsCAN counts this block as one C and one T.
 */
import type { TensorOps } from '../../tensor/tensor-ops.js';
import { violation } from '../../util/params.js';
import type { Block } from '../block.js';
import { mbconv } from '../conv/mbconv.js';
import { activationParam } from '../layers/activations.js';
import { selfAttention } from '../layers/attention.js';
import { mlp } from '../layers/mlp.js';
import { layerNorm } from '../layers/norm-layers.js';
import { paddingParam } from '../layers/padding.js';
import { addBranch } from '../layers/residual-branch.js';
import { fromGrid, fromWindows, toGrid, toWindows } from '../layers/windows.js';

const params = {
  'head-dim': {
    kind: 'int',
    min: 1,
    max: 512,
    default: 32,
    doc: 'channels of one head; must divide the width',
  },
  window: {
    kind: 'int',
    min: 1,
    max: 64,
    default: 7,
    doc: 'side of windows and of the grid; must divide the map',
  },
  expand: { kind: 'number', min: 1, max: 16, default: 4, doc: 'hidden channels of the MBConv / width' },
  kernel: {
    kind: 'int',
    min: 1,
    max: 15,
    odd: true,
    default: 3,
    doc: 'side of the depthwise convolution in pixels',
  },
  se: {
    kind: 'number',
    min: 0,
    max: 1,
    default: 0.25,
    doc: 'squeeze-excitation channels / width, 0 for none',
  },
  mlp: { kind: 'number', min: 0.25, max: 16, default: 4, doc: 'hidden channels of the MLPs / width' },
  act: activationParam('gelu'),
  padding: paddingParam,
  'conv-epsilon': { kind: 'number', min: 1e-8, max: 0.1, default: 1e-3, doc: 'epsilon of the batch norms' },
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-5, doc: 'epsilon of the layer norms' },
} as const;

export const maxvit = {
  name: 'maxvit',
  letter: 'M',
  summary: 'MBConv, window attention, grid attention',
  source: 'https://arxiv.org/abs/2204.01697',
  params,
  reduces: true,
  problem(p, input, context) {
    if (context.width % p['head-dim'] !== 0)
      return violation(['head-dim'], `head-dim must divide the width ${context.width}, got ${p['head-dim']}`);
    const [height, width] = [
      Math.ceil(input.height / context.stride),
      Math.ceil(input.width / context.stride),
    ];
    return height % p.window === 0 && width % p.window === 0
      ? undefined
      : violation(['window'], `window must divide the map of ${height}×${width}, got ${p.window}`);
  },
  forward(ops, x, p, context) {
    const convolved = ops.scope('conv', () =>
      mbconv.forward(
        ops,
        x,
        {
          form: 'maxvit',
          expand: p.expand,
          kernel: p.kernel,
          se: p.se,
          act: p.act,
          padding: p.padding,
          epsilon: p['conv-epsilon'],
          'round-to': 1,
        },
        context,
      ),
    );
    const [, height, width] = ops.shape(convolved) as [number, number, number, number];
    const window = { height: p.window, width: p.window };
    const half = (
      y: typeof x,
      name: string,
      split: (y: typeof x) => typeof x,
      join: (y: typeof x) => typeof x,
    ): typeof x =>
      ops.scope(name, () => {
        const tokens = split(layerNorm(ops, y, 'norm', { epsilon: p.epsilon }));
        const mixed = join(
          selfAttention(ops, tokens, 'attention', { heads: context.width / p['head-dim'], biasGrid: window }),
        );
        return feedForward(ops, addBranch(ops, y, mixed, context.dropPath), p, context.dropPath);
      });
    const local = half(
      convolved,
      'window',
      (y) => toWindows(ops, y, window),
      (y) => fromWindows(ops, y, window, height, width),
    );
    return half(
      local,
      'grid',
      (y) => toGrid(ops, y, window),
      (y) => fromGrid(ops, y, window, height, width),
    );
  },
} as const satisfies Block<typeof params>;

function feedForward<T>(
  ops: TensorOps<T>,
  x: T,
  p: { readonly mlp: number; readonly act: string; readonly epsilon: number },
  dropPath: number,
): T {
  const hidden = Math.max(1, Math.round(p.mlp * ops.shape(x).at(-1)!));
  return addBranch(
    ops,
    x,
    mlp(ops, layerNorm(ops, x, 'mlp-norm', { epsilon: p.epsilon }), 'mlp', hidden, { act: p.act }),
    dropPath,
  );
}
