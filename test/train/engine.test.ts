/** Training children on the real engine: memorising, resuming bit for bit after kill -9, every optimizer. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EpochRow, TrainRequest } from '../../src/train/contract.js';
import { completeRecipe } from '../../src/train/recipe.js';
import { trainInChild } from '../../src/train/run-train.js';
import { engineRuntime } from '../fixtures/engine-runtime.js';
import { smallNetwork } from '../fixtures/small-network.js';
import { temporaryFolder } from './data/files.js';
import { putQuarters, quarters } from './small-data.js';

const folder = await temporaryFolder();
const train = quarters(64, 8, 1, 1, 256); // labels say nothing about the pixels: only memory helps
await putQuarters(folder, train, quarters(21, 8, 1, 2));
const architecture = smallNetwork({ layout: 'C-CT', widths: [8, 16] });
let trials = 0;
const request = (more: Partial<TrainRequest> = {}): TrainRequest => ({
  architecture, dataset: { name: 'idx', args: { folder: '.', 'validate-on': 'test' }, baseFolder: folder },
  recipe: completeRecipe('adamw', { epochs: 4, batch: 16, 'learning-rate': 0.003, 'drop-path': 0.2, flip: true, crop: 1 }),
  ...engineRuntime, threads: 2, seed: 1, checkpointFile: join(folder, 'work', `${trials++}.safetensors`), ...more,
});
const curve = (rows: readonly EpochRow[]) => rows.map(({ seconds: _, imagesPerSecond: __, dataShare: ___, peakBytes: ____, ...row }) => row);

describe(`trainInChild on ${engineRuntime.runtime}, ${engineRuntime.execution}`, () => {
  it('memorises 64 images of noise to the last one', async () => {
    const recipe = completeRecipe('adamw', { epochs: 60, batch: 32, 'learning-rate': 0.005, 'weight-decay': 0, 'label-smoothing': 0 });
    const result = await trainInChild(request({ recipe }));
    expect(result).toMatchObject({ status: 'ok', reason: '', steps: 120 });
    expect(result.epochs.at(-1)!.trainTop1).toBe(1);
    expect(result.firstStepMs).toBeGreaterThan(0);
  });

  it('killed in mid-epoch and started again, it leaves the unkilled curve bit for bit, drop-path and augmentation included', async () => {
    const whole = await trainInChild(request());
    expect(whole.epochs).toHaveLength(4);
    const asked = request();
    const controller = new AbortController(); // ends the child by SIGKILL
    const killed = trainInChild(asked, { signal: controller.signal, onEpoch: ({ epoch }) => { if (epoch === 2) setTimeout(() => controller.abort(), 5); } });
    await expect(killed).rejects.toThrow('interrupted');
    const resumed = await trainInChild(asked);
    expect(resumed.status).toBe('ok');
    expect(resumed.resumedFromEpoch).toBeGreaterThanOrEqual(2);
    expect(curve(resumed.epochs)).toEqual(curve(whole.epochs));
  });

  it('a rate beyond reason ends as diverged with its step', async () => {
    const result = await trainInChild(request({ recipe: completeRecipe('sgd', { epochs: 30, batch: 16, 'learning-rate': 100, 'warm-up': 0 }) }));
    expect(result.status).toBe('diverged');
    expect(result.reason).toMatch(/^step \d+: /);
  });
});
