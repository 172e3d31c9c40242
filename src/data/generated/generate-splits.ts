/**
 * What generated data sets share: sizes and seed, balanced labels, one stream of randomness for each image.
 */

import type { ParamTable } from '../../util/params.js';
import type { Random } from '../../util/random.js';
import { seededRandom } from '../../util/random.js';
import type { ImageSet } from '../dataset.js';
import type { Splits } from '../dataset-definition.js';
import { Canvas } from './canvas.js';

const side = 32;

/** Parameters of every generated set. */
export const generatedParams = {
  train: { kind: 'int', min: 2, max: 1_000_000, default: 4000, doc: 'training images' },
  validation: {
    kind: 'int',
    min: 2,
    max: 1_000_000,
    default: 1000,
    doc: 'validation images, drawn independently',
  },
  seed: { kind: 'int', min: 0, max: 0xffffffff, default: 1, doc: 'decides every image' },
  difficulty: {
    kind: 'choice',
    oneOf: ['easy', 'medium', 'hard'],
    default: 'medium',
    doc: "noise and clutter; what each level means is in the set's description",
  },
} as const satisfies ParamTable;

/** Draws an image of class `label` on the canvas and gives the sigma of its noise. */
export type DrawImage = (canvas: Canvas, random: Random, label: number) => number;

/**
 * Images `[count, 32, 32, 3]`; every run of `classes` images holds each class once, so that a shorter set is
 * the beginning of a longer one and both are balanced.
 */
export function generateImages(count: number, classes: number, random: Random, draw: DrawImage): ImageSet {
  const canvas = new Canvas(side);
  const imageBytes = side * side * 3;
  const pixels = new Uint8Array(count * imageBytes);
  const labels = new Uint16Array(count);
  const everyClass = Array.from({ length: classes }, (_, label) => label);
  const order = random.fork('labels');
  let run: number[] = [];
  for (let i = 0; i < count; i++) {
    if (i % classes === 0) run = order.shuffled(everyClass);
    const label = run[i % classes]!;
    const sigma = draw(canvas, random, label);
    canvas.writeNoisy(random, sigma, pixels, i * imageBytes);
    labels[i] = label;
  }
  return { count, height: side, width: side, channels: 3, pixels, labels };
}

/** The parts, each from its own stream; as many test as validation images. */
export function generateSplits(
  params: { readonly train: number; readonly validation: number; readonly seed: number },
  classes: readonly string[],
  draw: DrawImage,
): Splits {
  const random = seededRandom(params.seed);
  return {
    classes,
    train: generateImages(params.train, classes.length, random.fork('train'), draw),
    validation: generateImages(params.validation, classes.length, random.fork('validation'), draw),
    test: async () => generateImages(params.validation, classes.length, random.fork('test'), draw),
  };
}
