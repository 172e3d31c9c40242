/** Iterated magnitude pruning on a small network: sparser each round, still learning, from the same start. */
import { describe, expect, it } from 'vitest';
import { openRuntime } from '../../../src/runtime/open-runtime.js';
import type { Model, TrainingOptions } from '../../../src/runtime/runtime.js';
import { lotteryTicket } from '../../../src/train/weights/lottery-ticket.js';
import { seededRandom } from '../../../src/util/random.js';
import { smallNetwork } from '../../fixtures/small-network.js';

const runtime = await openRuntime({ runtime: 'auto', threads: 2 });
const BATCH = 16;
const random = seededRandom('lottery');
const labels = Int32Array.from({ length: BATCH }, (_, index) => index % 2);
const images = Float32Array.from(
  { length: BATCH * 64 },
  (_, index) => random.normal() + 2 * labels[Math.floor(index / 64)]!,
);
const options: TrainingOptions = {
  batch: BATCH,
  execution: runtime.supports.compiled ? 'compiled' : 'eager',
  optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05 },
  labelSmoothing: 0,
  clipNorm: 1,
  dropPath: 0,
  seed: 1,
};

async function steps(model: Model, count: number): Promise<number> {
  const training = model.training(options);
  let loss = NaN;
  for (let step = 0; step < count; step++)
    ({ loss } = await training.step(images, labels, { learningRate: 0.01 }));
  training.dispose();
  return loss;
}

describe('lotteryTicket', () => {
  it('halves the living weights each round; tickets learn', async () => {
    const { rounds, masks, weights } = await lotteryTicket({
      runtime,
      architecture: smallNetwork({ layout: 'C-T', widths: [8, 8], side: 8, classes: 2 }),
      seed: 5,
      rounds: 3,
      fraction: 0.5,
      train: (model) => steps(model, 20),
      warmUp: async (model) => {
        await steps(model, 1);
      },
    });
    expect(rounds.map(({ sparsity }) => Math.round(sparsity * 100))).toEqual([0, 50, 75]);
    for (const { score } of rounds) expect(score).toBeLessThan(0.5); // chance is 0.69
    for (const [path, mask] of masks)
      weights.get(path)!.values.forEach((value, index) => {
        if (mask[index] === 0) expect(value === 0).toBe(true);
      });
  });
  it('refuses rounds that are none', async () => {
    await expect(
      lotteryTicket({
        runtime,
        architecture: smallNetwork({ layout: 'C', widths: [8] }),
        seed: 1,
        rounds: 0,
        fraction: 0.5,
        train: () => Promise.resolve(0),
      }),
    ).rejects.toThrow('rounds must be an integer from 1, got 0');
  });
});
