/**
 * Position kinds of the transformer block on the real runtime: which orders of the pixels the pooled answer
 * can tell apart.
 */

import { describe, expect, it } from 'vitest';
import type { Architecture } from '../../src/architecture/architecture.js';
import { transformer } from '../../src/blocks/attention/transformer.js';
import { oneBlock } from '../../src/network/block-networks.js';
import { networkCost } from '../../src/network/network-cost.js';
import { openRuntime } from '../../src/runtime/open-runtime.js';
import { hashed } from '../parity/values.js';

const runtime = await openRuntime({ runtime: 'auto', threads: 2 });

/** One stage, since pooling between stages would see the order of the pixels too. */
function network(position: string): Architecture {
  const whole = oneBlock(transformer, { side: 8, width: 32, params: { position, 'head-dim': 16 } });
  return { ...whole, stages: whole.stages.slice(0, 1) };
}

async function logitsOf(position: string, image: Float32Array): Promise<Float32Array> {
  const model = runtime.instantiate(network(position), { seed: 2 });
  const inference = model.inference({ batch: 1, execution: 'eager' });
  const logits = await inference.logits(image);
  inference.dispose();
  model.dispose();
  return logits;
}
const distance = (a: Float32Array, b: Float32Array): number =>
  Math.max(...a.map((value, index) => Math.abs(value - b[index]!)));

describe('transformer position', () => {
  const image = Float32Array.from(hashed('image', 8 * 8 * 3), (value) => 4 * value);
  const mirrored = image.map((_, index) => image[3 * (63 - Math.floor(index / 3)) + (index % 3)]!);
  const shuffled = image.map((_, index) => image[3 * ((Math.floor(index / 3) * 19) % 64) + (index % 3)]!);

  it('none: the pooled answer does not know the order of the pixels', async () => {
    expect(distance(await logitsOf('none', image), await logitsOf('none', shuffled))).toBeLessThan(4e-6);
  });
  it.each(['rotary', 'relative'])('%s: it does', async (position) => {
    expect(distance(await logitsOf(position, image), await logitsOf(position, shuffled))).toBeGreaterThan(
      1e-5,
    );
  });
  it('rotary: has no parameters, and knows a map from its mirror image', async () => {
    const params = (position: string): number => networkCost(network(position)).total.params;
    expect(params('rotary')).toBe(params('none'));
    expect(distance(await logitsOf('rotary', image), await logitsOf('rotary', mirrored))).toBeGreaterThan(
      1e-5,
    );
  });
});
