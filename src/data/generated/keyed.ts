/**
 * KEYED, a generated segmentation set graded in distance: is the disc of a row like its key?
 *
 * 32×32 pixels, eight rows of two discs, `distance` pixels apart, each the other's key. A disc is lighter or
 * darker than the ground, drawn independently, and so is whether its key is like it: the classes of its
 * pixels are `like its key` and `unlike its key`. So neither a disc alone nor other rows determine its
 * class: a decisive window must span the distance. At distance 0 a row has one disc, and light or dark
 * is its class: nothing has to be related. The ground belongs to no class (255).
 *
 * Recipe: see `disc-rows.ts`; masks of radius 1.7; normal noise of sigma U(0.02, 0.1); clipped, 8 bits.
 * Mirroring keeps masks true; cropping can cut a key off. What was measured is in src/data/README.md. It
 * exercises the lab; it is no evidence about natural images.
 */

import { type Random, seededRandom } from '../../util/random.js';
import { type ImageSet, unlabelled } from '../dataset.js';
import { defineDataset } from '../dataset-definition.js';
import { Canvas, uniform } from './canvas.js';
import { type DiscCentre, drawDisc, maxDistance, rowCentres, side } from './disc-rows.js';
import { generatedParams } from './generate-splits.js';

const classes = ['like its key', 'unlike its key'];
const maskRadius = 1.7;
const { train, validation, seed } = generatedParams;

function paintMask(mask: Uint8Array, { y, x }: DiscCentre, label: number): void {
  for (let row = Math.max(0, Math.ceil(y - maskRadius)); row <= Math.min(side - 1, y + maskRadius); row++) {
    for (
      let column = Math.max(0, Math.ceil(x - maskRadius));
      column <= Math.min(side - 1, x + maskRadius);
      column++
    ) {
      if (Math.hypot(row - y, column - x) <= maskRadius) mask[row * side + column] = label;
    }
  }
}

function drawKeyed(canvas: Canvas, random: Random, distance: number, mask: Uint8Array): void {
  canvas.background(random, 0.04);
  for (const places of rowCentres(random, distance)) {
    const first = random.integer(2);
    const label = random.integer(2);
    places.forEach((place, column) => {
      drawDisc(canvas, random, place, distance === 0 ? label : (first + column * label) % 2);
      paintMask(mask, place, label);
    });
  }
}

function generate(count: number, random: Random, distance: number): ImageSet {
  const canvas = new Canvas(side);
  const area = side * side;
  const pixels = new Uint8Array(count * area * 3);
  const masks = new Uint8Array(count * area).fill(unlabelled);
  for (let i = 0; i < count; i++) {
    drawKeyed(canvas, random, distance, masks.subarray(i * area, (i + 1) * area));
    canvas.writeNoisy(random, uniform(random, 0.02, 0.1), pixels, i * area * 3);
  }
  return { count, height: side, width: side, channels: 3, pixels, labels: new Uint16Array(count), masks };
}

export const keyed = defineDataset({
  name: 'keyed',
  doc:
    'generated segmentation: ' +
    'is each disc like the key in its row? 2 classes, 32×32, graded by how far the key stands',
  params: {
    train: { ...train, default: 2000 },
    validation: {
      ...validation,
      default: 500,
      doc: 'validation images, drawn independently; as many for the test',
    },
    seed,
    distance: {
      kind: 'int',
      min: 0,
      max: maxDistance,
      default: maxDistance,
      doc: 'pixels between a disc and its key; 0: no key, light or dark is the class; below 4 they touch',
    },
  },
  labelPreserving: { flip: true, crop: false },
  async load({ train, validation, seed, distance }) {
    const random = seededRandom(seed);
    const part = (name: string, count: number): ImageSet => generate(count, random.fork(name), distance);
    return {
      classes,
      train: part('train', train),
      validation: part('validation', validation),
      test: async () => part('test', validation),
    };
  },
});
