/**
 * Compiled and eager training agree on every block of the table, and on a network of each other task:
 * gradients of the first step, then a trajectory of several, with loss, gradient norm, weights, running
 * statistics and what the trained network tells. (Other layers and heads: compiled forward passes in
 * runtime.test.ts, gradients on every runtime in every-runtime.test.ts.)
 *
 * Stated tolerances, relative to the largest magnitude of each tensor: gradients 2e-4 (sums in another order,
 * through some dozen layers); after four steps losses 2e-4, weights 2e-3 and statistics 2e-3, logits 5e-3.
 * AdamW's epsilon is 1e-3 here: with the usual 1e-8 a weight without a gradient (a bias that a norm follows)
 * moves by its rounding error alone, and nothing could be compared.
 */

import { describe, expect, it } from 'vitest';
import type { Architecture } from '../../src/architecture/architecture.js';
import { blockNetworks } from '../../src/network/block-networks.js';
import { taskOf } from '../../src/network/task.js';
import { openRuntime } from '../../src/runtime/open-runtime.js';
import type { Execution, Model, TrainingOptions } from '../../src/runtime/runtime.js';
import { seededRandom } from '../../src/util/random.js';
import { layerNetworks } from '../fixtures/part-networks.js';
import { relativeDifference } from '../runtime/platforms.js';

const runtime = await openRuntime({ runtime: 'auto', threads: 2 });
const batch = 4;
const steps = 4;
const options: Omit<TrainingOptions, 'execution'> = {
  batch,
  optimizer: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-3, weightDecay: 0.05 },
  labelSmoothing: 0.1,
  clipNorm: 1,
  dropPath: 0.3,
  seed: 3,
};

interface Trajectory {
  readonly losses: number[];
  readonly norms: number[];
  /** Of the first step, times 1 - beta1 and the clipping: AdamW's first moment. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
  readonly weights: ReadonlyMap<string, { readonly values: Float32Array; readonly trainable: boolean }>;
  readonly initial: Trajectory['weights'];
  readonly logits: Float32Array;
}

async function trajectory(architecture: Architecture, execution: Execution): Promise<Trajectory> {
  const { height, width, channels } = architecture.input;
  const task = taskOf(architecture);
  const random = seededRandom('trajectory');
  const images = (count: number): Float32Array =>
    Float32Array.from({ length: count * height * width * channels }, () => random.normal());
  const labels = (step: number): Int32Array =>
    Int32Array.from(
      { length: batch * (task === 'dense' ? height * width : 1) },
      (_, index) => (index * 3 + step) % architecture.classes,
    );
  const model: Model = runtime.instantiate(architecture, { seed: 5 });
  const initial = await model.readWeights();
  const training = model.training({ ...options, execution });
  const [losses, norms]: [number[], number[]] = [[], []];
  let gradients: Trajectory['gradients'] = new Map();
  for (let step = 0; step < steps; step++) {
    const { loss, gradientNorm } = await training.step(images(batch), labels(step), {
      learningRate: 3e-3 * (1 - step / 10),
    });
    losses.push(loss);
    norms.push(gradientNorm);
    if (step > 0) continue;
    const { slots } = await training.readState();
    gradients = new Map(
      [...slots]
        .filter(([path]) => path.endsWith('/first-moment'))
        .map(([path, { values }]) => [path, values]),
    );
  }
  const inference = model.inference({ batch, execution: 'eager' });
  const logits = task === 'denoising' ? new Float32Array(1) : await inference.logits(images(batch));
  const weights = await model.readWeights();
  inference.dispose();
  training.dispose();
  model.dispose();
  return { losses, norms, gradients, weights, initial, logits };
}

async function agree(architecture: Architecture): Promise<void> {
  const [eager, compiled] = [
    await trajectory(architecture, 'eager'),
    await trajectory(architecture, 'compiled'),
  ];
  expect(eager.losses.every(Number.isFinite)).toBe(true);
  // a bias that a norm follows has rounding errors for a gradient: those are compared to a hundredth of the
  // largest gradient
  const floor = 0.01 * Math.max(...[...eager.gradients.values()].map(largest));
  expect(floor).toBeGreaterThan(0);
  for (const [path, values] of eager.gradients)
    expect(distance(compiled.gradients.get(path)!, values, floor), `gradient of ${path}`).toBeLessThan(2e-4);
  expect(relativeDifference(compiled.losses, eager.losses), 'losses').toBeLessThan(2e-4);
  expect(relativeDifference(compiled.norms, eager.norms), 'gradient norms').toBeLessThan(2e-3);
  for (const [path, { values, trainable }] of eager.weights) {
    expect(relativeDifference(compiled.weights.get(path)!.values, values), path).toBeLessThan(2e-3);
    if (!trainable) expect(values, `${path} must have moved`).not.toEqual(eager.initial.get(path)!.values);
  }
  expect(relativeDifference(compiled.logits, eager.logits), 'logits').toBeLessThan(5e-3);
}

const largest = (values: Float32Array): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const distance = (actual: Float32Array, expected: Float32Array, floor: number): number =>
  largest(expected.map((value, index) => value - actual[index]!)) / Math.max(floor, largest(expected));

/**
 * A block that can halve its map stands once plainly and once halving; one that cannot stands twice in a row,
 * since some alternate.
 */
const shorter = (network: Architecture): Architecture =>
  network.stages.length === 1
    ? network
    : { ...network, stages: network.stages.map((stage) => ({ ...stage, blocks: stage.blocks.slice(0, 1) })) };

describe.skipIf(!runtime.supports.compiled)(`compiled and eager training on ${runtime.id}`, () => {
  it.each(Object.entries(blockNetworks([8, 14], { widths: [32, 64] })))('%s', async (_, make) => {
    await agree(shorter(make()));
  });
  it.each(['stem denoise', 'head upernet'])('%s', async (name) => {
    await agree(layerNetworks[name]!());
  });
});
