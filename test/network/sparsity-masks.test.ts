/** Masks and lottery tickets on the runtime at hand: the pruned neither count nor move what counts. */
import { describe, expect, it } from 'vitest';
import { maskedOps, pruneByMagnitude, rewindWeights, sparsityOf } from '../../src/network/sparsity-masks.js';
import { openRuntime } from '../../src/runtime/open-runtime.js';
import type { Model, TrainingOptions } from '../../src/runtime/runtime.js';
import { SymbolicOps } from '../../src/tensor/infer/symbolic-ops.js';
import { seededRandom } from '../../src/util/random.js';
import { smallNetwork } from '../fixtures/small-network.js';

const runtime = await openRuntime({ runtime: 'auto', threads: 2 });
const architecture = smallNetwork({ layout: 'C-T', widths: [8, 8], side: 8, classes: 2 });
const random = seededRandom('masks');
const BATCH = 16;
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

async function train(model: Model, steps: number): Promise<number> {
  const training = model.training(options);
  let loss = NaN;
  for (let step = 0; step < steps; step++)
    ({ loss } = await training.step(images, labels, { learningRate: 0.01 }));
  training.dispose();
  return loss;
}
async function logits(model: Model): Promise<Float32Array> {
  const inference = model.inference({ batch: BATCH, execution: 'eager' });
  const result = await inference.logits(images);
  inference.dispose();
  return result;
}

describe('prunedMasks', () => {
  const weights = new Map([
    ['a/filter', { shape: [4], values: Float32Array.of(1, -4, 2, 3), trainable: true }],
    ['b/kernel', { shape: [4], values: Float32Array.of(9, -8, 7, 6), trainable: true }],
    ['b/bias', { shape: [2], values: Float32Array.of(0, 0), trainable: true }],
  ]);
  it('kills the smallest of the network, or of each weight; biases stay whole', () => {
    expect([...pruneByMagnitude(weights, { fraction: 0.5 })].map(([path, mask]) => [path, ...mask])).toEqual([
      ['a/filter', 0, 0, 0, 0],
      ['b/kernel', 1, 1, 1, 1],
    ]);
    expect(
      [...pruneByMagnitude(weights, { fraction: 0.5, within: 'weight' })].map(([path, mask]) => [
        path,
        ...mask,
      ]),
    ).toEqual([
      ['a/filter', 0, 1, 0, 1],
      ['b/kernel', 1, 1, 0, 0],
    ]);
  });
  it('keeps the dead dead and takes its share of the living', () => {
    let masks = pruneByMagnitude(weights, { fraction: 0.5, within: 'weight' });
    masks = pruneByMagnitude(weights, { fraction: 0.5, within: 'weight', masks });
    expect(sparsityOf(masks)).toBe(0.75);
    expect([...masks.get('a/filter')!]).toEqual([0, 1, 0, 0]);
  });
  it('refuses a fraction that is none', () =>
    expect(() => pruneByMagnitude(weights, { fraction: 2 })).toThrow('fraction must lie in 0..1, got 2'));
});

describe('maskedOps', () => {
  it('refuses a mask of another size', () => {
    const ops = maskedOps(new SymbolicOps(), new Map([['s/w', new Uint8Array(3)]]));
    expect(() => ops.scope('s', () => ops.weight('w', [4], { kind: 'zeros' }))).toThrow(
      'masks: s/w must have 4 entries, got 3',
    );
  });
});

describe(`lottery ticket on ${runtime.id}`, () => {
  it('trains, prunes, rewinds and trains again; the pruned have no say', async () => {
    const dense = runtime.instantiate(architecture, { seed: 5 });
    const initial = await dense.readWeights();
    await train(dense, 20);
    const masks = pruneByMagnitude(await dense.readWeights(), { fraction: 0.6 });
    expect(sparsityOf(masks)).toBeCloseTo(0.6, 2);
    dense.dispose();

    const ticket = runtime.instantiate(architecture, { seed: 5, masks });
    ticket.writeWeights(rewindWeights(initial, masks));
    const start = await logits(ticket);
    ticket.writeWeights(initial); // what is masked is read as 0, whatever it holds
    expect(await logits(ticket)).toEqual(start);
    const first = await train(ticket, 1);
    const last = await train(ticket, 25);
    expect(last).toBeLessThan(0.7 * first);

    const trained = await ticket.readWeights();
    const before = await logits(ticket);
    ticket.writeWeights(rewindWeights(trained, masks));
    expect(await logits(ticket)).toEqual(before);
    const free = [...trained]
      .filter(([path]) => masks.has(path))
      .flatMap(([path, { values }]) =>
        [...values].filter(
          (value, index) => masks.get(path)![index] === 1 && value !== initial.get(path)!.values[index],
        ),
      );
    expect(free.length).toBeGreaterThan(0);
    ticket.dispose();

    const plain = runtime.instantiate(architecture, { seed: 5 });
    plain.writeWeights(rewindWeights(trained, masks));
    const same = await logits(plain); // the ticket is an ordinary network with zeros
    expect(Math.max(...same.map((value, index) => Math.abs(value - before[index]!)))).toBeLessThan(1e-5);
    plain.dispose();
  });
});
