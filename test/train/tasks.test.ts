/** Dense prediction and denoising, trained by the real engine in children; what does not fit is said. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Architecture, PartSpec } from '../../src/architecture/architecture.js';
import { blocks, downsamples, heads, stems } from '../../src/blocks/block-table.js';
import { epochLine } from '../../src/train/loop/epoch-line.js';
import { completeRecipe } from '../../src/train/recipe/recipe-table.js';
import { trainInChild } from '../../src/train/run-train.js';
import type { TrainRequest } from '../../src/train/train-request.js';
import { temporaryFolder } from '../data/temporary-files.js';
import { engineRuntime, type TestRuntime } from '../fixtures/engine-runtime.js';
import { pytorchRuntime } from '../fixtures/pytorch-runtime.js';

const part = (
  definition: {
    readonly name: string;
    readonly params: Readonly<Record<string, { readonly default?: unknown }>>;
  },
  params: PartSpec['params'] = {},
): PartSpec => ({
  type: definition.name,
  params: {
    ...Object.fromEntries(Object.entries(definition.params).map(([key, spec]) => [key, spec.default])),
    ...params,
  } as PartSpec['params'],
});
const input = { height: 32, width: 32, channels: 3 };
const C = { letter: 'C', ...part(blocks['fused-mbconv'], { expand: 2 }) };

const segmenter: Architecture = {
  input,
  classes: 2,
  stem: { ...part(stems.conv, { stride: 2 }), width: 8 },
  stages: [
    { width: 8, downsample: null, firstStride: 1, blocks: [C] },
    { width: 16, downsample: part(downsamples.conv), firstStride: 1, blocks: [C] },
  ],
  head: part(heads.upernet, { width: 8, scale: 2, dropout: 0 }),
};
const denoiser: Architecture = {
  input,
  classes: 2,
  stem: { ...part(stems.denoise, { labels: 2, 'token-width': 16 }), width: 8 },
  stages: [
    { width: 8, downsample: null, firstStride: 1, blocks: [{ letter: 'C', ...part(blocks['unet-conv']) }] },
    {
      width: 8,
      downsample: part(downsamples.conv, { norm: 'none', bias: true }),
      firstStride: 1,
      blocks: [{ letter: 'T', ...part(blocks['unet-transformer'], { 'head-dim': 8 }) }],
    },
    {
      width: 8,
      downsample: part(downsamples.up, { from: 1 }),
      firstStride: 1,
      blocks: [{ letter: 'C', ...part(blocks['unet-conv']) }],
    },
  ],
  head: part(heads['to-image']),
};

const folder = await temporaryFolder();
let trials = 0;
const request = (more: Partial<TrainRequest>): TrainRequest => ({
  architecture: segmenter,
  dataset: { name: 'keyed', args: { train: 96, validation: 20, distance: 0 }, baseFolder: folder },
  recipe: completeRecipe('adamw', { epochs: 3, batch: 16, 'learning-rate': 0.01, flip: true }),
  ...engineRuntime,
  threads: 2,
  seed: 1,
  checkpointFile: join(folder, `${trials}`),
  weightsFile: join(folder, `${trials++}.safetensors`),
  ...more,
});

const others: readonly (readonly [string, TestRuntime])[] = [
  ['wasm', { runtime: 'wasm', execution: 'eager' }],
  ...(pytorchRuntime ? [['pytorch', pytorchRuntime] as const] : []),
];

/** Then nothing is drawn at the end, which takes wasm longer than a short training. */
const withoutWeights = ({ weightsFile, ...rest }: TrainRequest): TrainRequest => rest;

describe.skipIf(engineRuntime.runtime !== 'tensorflow')('trainInChild', () => {
  it('a dense task is scored by pixel and by mean IoU, with who was taken for whom', async () => {
    const result = await trainInChild(request({}));
    expect(result).toMatchObject({ status: 'ok', steps: 18 });
    const last = result.epochs.at(-1)!;
    expect(last.validationLoss).toBeLessThan(result.epochs[0]!.validationLoss);
    expect(last.validationMiou).toBe(result.validationMiou);
    expect(last.trainTop1).toBeGreaterThan(0.3); // of labelled pixels, which are under a fifth of all
    expect(result.validationMiou!).toBeGreaterThan(0.2);
    expect(result.validationMiou!).toBeLessThanOrEqual(1);
    expect(result.classReport!.confusion.flat().reduce((a, b) => a + b)).toBeGreaterThan(20 * 8 * 5);
    expect(epochLine(last, 3)).toMatch(
      /^epoch 3\/3 {2}loss \S+ {2}top-1 \S+ % {2}validation loss \S+, top-1 \S+ %, mIoU \S+ % {2}rate 1\.0e-5 {2}gradient \S+ {2}\d+ images\/s {2}\d+ MB {2}data \S+ %$/,
    );
  });
  it('a denoising network has a loss, no top-1, and a grid of samples as a PNG', async () => {
    const result = await trainInChild(
      request({
        architecture: denoiser,
        dataset: { name: 'pair', args: { train: 64, validation: 16 }, baseFolder: folder },
        recipe: completeRecipe('adamw', { epochs: 2, batch: 16, ema: 0.9 }),
      }),
    );
    expect(result).toMatchObject({ status: 'ok', steps: 8 });
    expect(result.validationTop1).toBeUndefined();
    expect(
      result.epochs.every(
        ({ validationLoss, validationTop1 }) =>
          Number.isFinite(validationLoss) && validationTop1 === undefined,
      ),
    ).toBe(true);
    const { width, height, format } = await sharp(readFileSync(result.samplesFile!)).metadata();
    expect([format, width, height]).toEqual(['png', 8 * 34 + 2, 2 * 34 + 2]);
    expect(epochLine(result.epochs[1]!, 2)).toMatch(/^epoch 2\/2 {2}loss \S+ {2}validation loss \S+ {2}rate/);
  });
  it.each(others)(
    'a dense task on %s gives the losses of TensorFlow step by step, and goes on to learn',
    async (_, runtime) => {
      const few = {
        dataset: { name: 'keyed', args: { train: 16, validation: 8, distance: 0 }, baseFolder: folder },
        recipe: completeRecipe('adamw', { epochs: 3, batch: 8, 'learning-rate': 2e-3 }),
      };
      const [native, other] = [
        await trainInChild(request(few)),
        await trainInChild(request({ ...few, ...runtime })),
      ];
      expect(other).toMatchObject({ status: 'ok', steps: 6, reason: '' });
      other.epochs.forEach((row, epoch) => {
        expect(row.trainLoss).toBeCloseTo(native.epochs[epoch]!.trainLoss, 3);
        expect(row.validationLoss).toBeCloseTo(native.epochs[epoch]!.validationLoss, 3);
      });
      expect(other.epochs.at(-1)!.trainLoss).toBeLessThan(other.epochs[0]!.trainLoss);
    },
  );
  it.each(others)(
    'denoising on %s: the loss of TensorFlow where nothing has moved yet, then a lower one',
    async (_, runtime) => {
      // Noise is drawn by each engine's own generator, so that trainings cannot be equal; what is scored is
      // noised outside the engine.
      const still = {
        architecture: denoiser,
        dataset: { name: 'pair', args: { train: 32, validation: 8 }, baseFolder: folder },
        recipe: completeRecipe('adamw', { epochs: 1, batch: 16, 'learning-rate': 1e-8 }),
      };
      const [native, same] = [
        await trainInChild(request(still)),
        await trainInChild(withoutWeights(request({ ...still, ...runtime }))),
      ];
      expect(same.validationLoss).toBeCloseTo(native.validationLoss!, 3);
      const moved = await trainInChild(
        withoutWeights(
          request({
            ...still,
            ...runtime,
            recipe: completeRecipe('adamw', { epochs: 2, batch: 16, 'learning-rate': 1e-2 }),
          }),
        ),
      );
      expect(moved.validationLoss).toBeLessThan(same.validationLoss!);
    },
    180_000,
  );
  it.each([
    [
      'masks under a classifier',
      { architecture: { ...segmenter, head: part(heads['pool-linear']) } },
      /data with masks needs a segmentation network \(head upernet\), got keyed/,
    ],
    [
      'a segmenter on labels',
      {
        dataset: { name: 'pair', args: { train: 64, validation: 16 }, baseFolder: folder },
        architecture: segmenter,
      },
      /a segmentation network needs data with masks/,
    ],
    [
      'mixup on masks',
      { recipe: completeRecipe('adamw', { epochs: 1, batch: 16, mixup: 0.2 }) },
      /mixup must be off unless the task is classification, got it for a dense task/,
    ],
    [
      'other classes than the data has',
      {
        architecture: {
          ...denoiser,
          stem: { ...denoiser.stem, params: { ...denoiser.stem.params, labels: 7 } },
        },
        dataset: { name: 'pair', args: { train: 64, validation: 16 }, baseFolder: folder },
      },
      /must be conditioned on the data's 2 classes, got labels: 7/,
    ],
  ] as const)('refuses %s', async (_, changes, reason) => {
    expect(await trainInChild(request(changes as Partial<TrainRequest>))).toMatchObject({
      status: 'failed',
      reason: expect.stringMatching(reason),
    });
  });
});
