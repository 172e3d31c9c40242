/** Training children on a runtime: memorising, resuming bit for bit after kill -9, every optimizer. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withStages } from '../../src/train/recipe/recipe-stages.js';
import { completeRecipe, recipes } from '../../src/train/recipe/recipe-table.js';
import { trainInChild } from '../../src/train/run-train.js';
import type { TrainRequest } from '../../src/train/train-request.js';
import type { EpochRow } from '../../src/train/train-result.js';
import { readWeightsFile } from '../../src/train/weights/weights-file.js';
import { temporaryFolder } from '../data/temporary-files.js';
import type { TestRuntime } from '../fixtures/engine-runtime.js';
import { smallNetwork } from '../fixtures/small-network.js';
import { putQuarters, quarters } from './small-data.js';

const folder = await temporaryFolder();
const train = quarters(64, 8, 1, 1, 256); // labels say nothing about the pixels: only memory helps
await putQuarters(folder, train, quarters(21, 8, 1, 2));
const architecture = smallNetwork({ layout: 'C-CT', widths: [8, 16] });
let trials = 0;
export const requestOn = (runtime: TestRuntime, more: Partial<TrainRequest>): TrainRequest => ({
  architecture,
  dataset: { name: 'idx', args: { folder: '.', 'validate-on': 'test' }, baseFolder: folder },
  recipe: completeRecipe('adamw', {
    epochs: 4,
    batch: 16,
    'learning-rate': 0.003,
    'drop-path': 0.2,
    flip: true,
    crop: 1,
  }),
  ...runtime,
  threads: 2,
  seed: 1,
  checkpointFile: join(folder, 'work', `${trials++}.safetensors`),
  ...more,
});
const curve = (rows: readonly EpochRow[]) =>
  rows.map(({ seconds: _, imagesPerSecond: __, dataShare: ___, peakBytes: ____, ...row }) => row);

/**
 * @param runtime undefined: the tests are skipped
 * @param recipeNames that are tried for one epoch
 * @param brief leaves out what another of the tests includes, or what no runtime has a part in
 */
export const trainingSuite = (
  name: string,
  runtime: TestRuntime | undefined,
  {
    recipeNames = Object.keys(recipes),
    brief = false,
  }: { readonly recipeNames?: readonly string[]; readonly brief?: boolean } = {},
): void => {
  const unlessBrief = brief ? (): void => {} : it;
  describe.skipIf(!runtime)(`trainInChild on ${name}`, () => {
    const request = (more: Partial<TrainRequest> = {}): TrainRequest => requestOn(runtime!, more);
    it('memorises 64 images of noise to the last one', async () => {
      const recipe = completeRecipe('adamw', {
        epochs: 60,
        batch: 32,
        'learning-rate': 0.005,
        'weight-decay': 0,
        'label-smoothing': 0,
      });
      const result = await trainInChild(request({ recipe }));
      expect(result).toMatchObject({ status: 'ok', reason: '', steps: 120 });
      expect(result.epochs.at(-1)!.trainTop1).toBe(1);
      expect(result.firstStepMs).toBeGreaterThan(0);
    });

    it('guidance by a trained guide: another curve than by an untrained one or none, resumed bit for bit', async () => {
      const guided = (more: Record<string, number>): Partial<TrainRequest> => ({
        recipe: completeRecipe('adamw', { epochs: 3, batch: 16, 'learning-rate': 0.003, ...more }),
        guide: smallNetwork({ layout: 'C-CC', widths: [8, 16] }),
      });
      const whole = await trainInChild(request(guided({ guidance: 5, 'guide-epochs': 2 })));
      const untrained = await trainInChild(request(guided({ guidance: 5 })));
      const alone = await trainInChild(request(guided({})));
      const losses = [whole, untrained, alone].map(({ epochs }) => epochs[0]!.trainLoss);
      expect(new Set(losses).size).toBe(3);
      expect(losses[2]).toBeLessThan(losses[1]!); // the alignment counts in the loss
      const asked = request(guided({ guidance: 5, 'guide-epochs': 2 }));
      const controller = new AbortController();
      const killed = trainInChild(asked, {
        signal: controller.signal,
        onEpoch: ({ epoch }) => {
          if (epoch === 1) controller.abort();
        },
      });
      await expect(killed).rejects.toThrow('interrupted');
      const resumed = await trainInChild(asked);
      expect(resumed.resumedFromEpoch).toBeGreaterThanOrEqual(1);
      expect(curve(resumed.epochs)).toEqual(curve(whole.epochs));
    });

    it('a lottery ticket is scored after its own training, with pruned weights 0 in the file', async () => {
      const weightsFile = join(folder, 'ticket.safetensors');
      const recipe = completeRecipe('adamw', {
        epochs: 2,
        batch: 16,
        ticket: 'channels',
        'ticket-share': 0.5,
      });
      const ticket = await trainInChild(request({ recipe, weightsFile }));
      const fresh = completeRecipe('adamw', {
        epochs: 2,
        batch: 16,
        ticket: 'channels',
        'ticket-start': 'fresh',
      });
      const other = await trainInChild(request({ recipe: fresh }));
      expect(ticket.status).toBe('ok');
      expect(ticket.epochs).toHaveLength(2);
      expect(other.epochs[0]!.trainLoss).not.toBe(ticket.epochs[0]!.trainLoss);
      const { weights } = readWeightsFile(weightsFile);
      const { values } = weights.get('stage1/block1/expand/filter')!;
      const zeros = values.reduce((count, value) => count + Number(value === 0), 0);
      expect(zeros / values.length).toBeCloseTo(0.5, 6);
    });

    unlessBrief(
      'killed in mid-epoch and started again, it leaves the unkilled curve bit for bit, drop-path and augmentation included',
      async () => {
        const whole = await trainInChild(request());
        expect(whole.epochs).toHaveLength(4);
        const asked = request();
        const controller = new AbortController(); // ends the child by SIGKILL
        const killed = trainInChild(asked, {
          signal: controller.signal,
          onEpoch: ({ epoch }) => {
            if (epoch === 2) controller.abort(); // the child is in the third epoch by then
          },
        });
        await expect(killed).rejects.toThrow('interrupted');
        const resumed = await trainInChild(asked);
        expect(resumed.status).toBe('ok');
        expect(resumed.resumedFromEpoch).toBeGreaterThanOrEqual(2);
        expect(curve(resumed.epochs)).toEqual(curve(whole.epochs));
      },
    );

    it('killed within an epoch, with everything on and in stages, it leaves the unkilled curve and weights', async () => {
      const recipe = withStages(
        completeRecipe('lamb', {
          batch: 16,
          'learning-rate': 0.01,
          'drop-path': 0.3,
          'drop-path-schedule': 'linear',
          flip: true,
          crop: 1,
          randaugment: 1,
          mixup: 0.2,
          cutmix: 1,
          erase: 0.3,
          jitter: 0.2,
          ema: 0.9,
          'gradient-noise': 0.01,
          accumulate: 2,
        }),
        [{ epochs: 2, resolution: 4 }, { epochs: 3 }],
      );
      const asked = () => ({
        ...request({ recipe, checkpointEveryMs: 0 }),
        weightsFile: join(folder, 'work', `${trials}.weights`),
      });
      const whole = await trainInChild(asked());
      expect(whole).toMatchObject({ status: 'ok', steps: 20 });
      const again = asked();
      for (const at of [3, 13]) {
        // in the first stage, then within an epoch of the second
        const controller = new AbortController();
        const killed = trainInChild(again, {
          signal: controller.signal,
          onProgress: ({ step }) => {
            if (step >= at) controller.abort();
          },
        });
        await expect(killed).rejects.toThrow('interrupted');
      }
      const resumed = await trainInChild(again);
      expect(resumed.status).toBe('ok');
      expect(curve(resumed.epochs)).toEqual(curve(whole.epochs));
      expect(resumed.weights!.sha256).toBe(whole.weights!.sha256);
      expect(resumed.classReport).toEqual(whole.classReport);
    });

    unlessBrief('the batches of worker threads and of the training itself give one curve', async () => {
      const [none, three] = [
        await trainInChild(request({ loaders: 0 })),
        await trainInChild(request({ loaders: 3 })),
      ];
      expect(curve(three.epochs)).toEqual(curve(none.epochs));
    });

    it.each(recipeNames)('recipe %s runs', async (name) => {
      const recipe = completeRecipe(name, { epochs: 1, batch: 32 });
      const result = await trainInChild(request({ recipe }));
      expect(result).toMatchObject({ status: 'ok', steps: 2 });
      expect(result.epochs[0]!.validationLoss).toBeLessThan(20);
    });

    unlessBrief('data that changed since the run began is a failure with its reason', async () => {
      expect(await trainInChild(request({ expectedHash: 'abc' }))).toMatchObject({
        status: 'failed',
        reason: expect.stringMatching(/must stay as it was when the run began \(hash abc\), got/),
      });
    });

    it('a rate beyond reason ends as diverged with its step', async () => {
      const result = await trainInChild(
        request({
          recipe: completeRecipe('sgd', { epochs: 30, batch: 16, 'learning-rate': 100, 'warm-up': 0 }),
        }),
      );
      expect(result.status).toBe('diverged');
      expect(result.reason).toMatch(/^step \d+: /);
    });
  });
};
