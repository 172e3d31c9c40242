/** Samples of a denoising network as a PNG, one row a class. */
import sharp from 'sharp';
import type { Architecture } from '../../architecture/architecture.js';
import type { Dataset } from '../../data/dataset.js';
import { conditionClasses } from '../../network/task.js';
import type { Execution, Runtime, WeightSet } from '../../runtime/runtime.js';
import { drawSamples } from './ddim-samples.js';

const gap = 2;

/**
 * Arranges images in a grid.
 * @param images normalised `[rows·columns, height, width, channels]` of 1 or 3 channels, row by row
 */
function gridPng(
  images: Float32Array,
  size: { readonly height: number; readonly width: number; readonly channels: number },
  columns: number,
  { mean, std }: Pick<Dataset, 'mean' | 'std'>,
): Promise<Buffer> {
  const { height, width, channels } = size;
  const count = images.length / (height * width * channels);
  const rows = Math.ceil(count / columns);
  const [gridHeight, gridWidth] = [rows * (height + gap) + gap, columns * (width + gap) + gap];
  const pixels = Buffer.alloc(gridHeight * gridWidth * 3, 255);
  for (let image = 0; image < count; image++) {
    const top = gap + Math.floor(image / columns) * (height + gap);
    const left = gap + (image % columns) * (width + gap);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let colour = 0; colour < 3; colour++) {
          const channel = channels === 1 ? 0 : colour;
          const value =
            images[((image * height + y) * width + x) * channels + channel]! * std[channel]! + mean[channel]!;
          pixels[((top + y) * gridWidth + left + x) * 3 + colour] = Math.max(
            0,
            Math.min(255, Math.round(value * 255)),
          );
        }
  }
  return sharp(pixels, { raw: { width: gridWidth, height: gridHeight, channels: 3 } })
    .png()
    .toBuffer();
}

const [mostClasses, samplesPerClass, unconditionalRows] = [10, 8, 2];

/**
 * Draws samples with the final weights of a denoising network: a row of eight for each of up to ten classes;
 * of an unconditional network two rows.
 * @returns a PNG
 */
export async function drawSampleGrid(
  runtime: Runtime,
  {
    architecture,
    dataset,
    weights,
    execution,
    seed,
  }: {
    readonly architecture: Architecture;
    readonly dataset: Pick<Dataset, 'mean' | 'std'>;
    readonly weights: WeightSet;
    readonly execution: Execution;
    readonly seed: number;
  },
): Promise<Buffer> {
  const classes = conditionClasses(architecture);
  const rows = classes > 0 ? Math.min(mostClasses, classes) : unconditionalRows;
  const batch = rows * samplesPerClass;
  const model = runtime.instantiate(architecture, { seed: 0 });
  try {
    model.writeWeights(weights);
    const { height, width, channels } = architecture.input;
    const images = await drawSamples(model.inference({ batch, execution }), {
      batch,
      labels: Array.from({ length: batch }, (_, image) => Math.floor(image / samplesPerClass)),
      classes,
      seed,
      imageSize: height * width * channels,
    });
    return await gridPng(images, architecture.input, samplesPerClass, dataset);
  } finally {
    model.dispose();
  }
}
