/**
 * Outputs of whole small networks against the published implementations' (timm 1.0.31 and the authors'
 * repositories) on the same weights: `outputs.json` was written by `make_fixtures.py`; weights and images are
 * computed alike on both sides.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { partTables } from '../../src/blocks/block-table.js';
import { openRuntime } from '../../src/runtime/open-runtime.js';
import type { WeightSet } from '../../src/runtime/runtime.js';
import { parityNetworks } from './networks.js';
import { hashed, valuesOf } from './values.js';

const published = JSON.parse(readFileSync(join(import.meta.dirname, 'outputs.json'), 'utf8')) as Record<
  string,
  number[]
>;
const runtime = await openRuntime({ runtime: 'auto', threads: 2 });

/** `[2,side,side,classes]` → every eighth row and column. */
const everyEighthPixel = (values: Float32Array, side: number, classes: number): Float32Array =>
  values.filter((_, index) => {
    const pixel = Math.floor(index / classes);
    return (pixel % side) % 8 === 0 && (Math.floor(pixel / side) % side) % 8 === 0;
  });

describe(`outputs equal the published implementation's on ${runtime.id}`, () => {
  it('has a fixture for each network', () =>
    expect(Object.keys(published).sort()).toEqual(Object.keys(parityNetworks).sort()));

  it.each(Object.entries(published))('%s to 1e-4', async (name, expected) => {
    const architecture = parityNetworks[name]!();
    const model = runtime.instantiate(architecture, { seed: 1 });
    const weights: WeightSet = new Map(
      [...(await model.readWeights())].map(([path, weight]) => [
        path,
        { ...weight, values: valuesOf(path, weight.shape) },
      ]),
    );
    model.writeWeights(weights);
    const { height } = architecture.input;
    const inference = model.inference({ batch: 2, execution: 'eager' });
    const logits = await inference.logits(
      Float32Array.from(hashed('image', 2 * height * height * 3), (value) => 4 * value),
    );
    inference.dispose();
    model.dispose();
    const { output } = partTables.head[architecture.head.type]!;
    const given = output === 'pixel-logits' ? everyEighthPixel(logits, height, architecture.classes) : logits;
    const scale = Math.max(1, ...expected.map(Math.abs));
    expect(Math.max(...expected.map((value, index) => Math.abs(value - given[index]!))) / scale).toBeLessThan(
      1e-4,
    );
  });
});
