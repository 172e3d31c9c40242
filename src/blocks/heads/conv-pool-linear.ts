/**
 * 1×1 convolution with batch norm and activation, global mean, linear classifier: the head of AsCAN and
 * EfficientNet. x `[b,h,w,c]` → `[b,classes]`. `hidden` adds a linear layer without bias, layer norm and
 * activation before the classifier (EfficientViT, LowFormer).
 */
import type { Head } from '../block.js';
import { activate, activationParam } from '../layers/activations.js';
import { conv } from '../layers/conv.js';
import { linear, outputInit } from '../layers/linear-layer.js';
import { batchNorm, layerNorm } from '../layers/norm-layers.js';

const params = {
  width: { kind: 'int', min: 1, max: 65536, default: 1024, doc: 'channels of the embedding' },
  hidden: { kind: 'int', min: 0, max: 65536, default: 0, doc: 'channels of a hidden linear layer; 0: none' },
  act: activationParam('gelu'),
  epsilon: { kind: 'number', min: 1e-8, max: 0.1, default: 1e-5, doc: 'epsilon of the batch norm' },
} as const;

export const convPoolLinear = {
  name: 'conv-pool-linear',
  summary: '1×1 convolution, batch norm and activation, global mean, linear classifier',
  source: 'https://openreview.net/forum?id=r0eSCJ6qsL',
  params,
  forward(ops, x, p, classes) {
    const embedded = activate(
      ops,
      batchNorm(ops, conv(ops, x, 'embed', p.width), 'norm', { epsilon: p.epsilon }),
      p.act,
    );
    let pooled = ops.reduce(embedded, 'mean', [1, 2]); // [b,width]
    if (p.hidden > 0)
      pooled = activate(
        ops,
        layerNorm(ops, linear(ops, pooled, 'hidden', p.hidden, { bias: false }), 'hidden-norm', {
          epsilon: p.epsilon,
        }),
        p.act,
      );
    return linear(ops, pooled, 'classifier', classes, { init: outputInit });
  },
} as const satisfies Head<typeof params>;
