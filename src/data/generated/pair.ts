/**
 * PAIR, a generated classification set graded in distance: are the two discs of most rows alike?
 *
 * The images of `keyed` with one label: 32×32 pixels, eight rows of two discs, `distance` pixels apart, each
 * lighter or darker than the ground. In the class `alike` five rows hold two discs of one kind and three hold
 * one of each, in `unlike` the other way round. Four discs of the left side are light in every image; how
 * many of the right side are (three or five) is a coin's toss in either class. So counts say nothing, nor
 * does any part of the image that holds one side only, so a decisive window must span the distance. Three
 * rows are of the other class, so that rows have to be resolved, four pixels from each other. At
 * distance 0 a row has one disc, and whether most are light is the class: nothing has to be related.
 *
 * Recipe: see `disc-rows.ts`; normal noise of sigma U(noise / 5, noise), 0.02 to 0.1 by default; clipped, 8
 * bits. Mirroring keeps labels; cropping cuts discs off. What was measured is in src/data/README.md. It
 * exercises the lab; it is no evidence about natural images.
 */
import type { Random } from '../../util/random.js';
import { defineDataset } from '../dataset-definition.js';
import { uniform } from './canvas.js';
import { drawDisc, maxDistance, rowCentres } from './disc-rows.js';
import { generatedParams, generateSplits } from './generate-splits.js';

const classes = ['alike', 'unlike'];
const { train, validation, seed } = generatedParams;

/** Kinds of the eight rows' discs, 0 light, 1 dark: `[8][2]`, or `[8][1]` without relation. */
function discKinds(random: Random, label: number, related: boolean): (readonly number[])[] {
  if (!related) return random.shuffled([0, 0, 0, 0, 0, 1, 1, 1]).map((kind) => [(kind + label) % 2]);
  // Of the three rows that speak for the other class two are of one kind on the left and one of the other:
  // left sides stay balanced.
  const odd = random.integer(2);
  const rows = [
    [odd, true],
    [odd, true],
    [1 - odd, true],
    [odd, false],
    [odd, false],
    [1 - odd, false],
    [1 - odd, false],
    [1 - odd, false],
  ] as const;
  return random.shuffled(rows).map(([left, otherClass]) => [left, (left + label + (otherClass ? 1 : 0)) % 2]);
}

export const pair = defineDataset({
  name: 'pair',
  doc: 'generated: are the two discs of most rows alike? 2 classes, 32×32, graded by their distance',
  params: {
    train,
    validation,
    seed,
    distance: {
      kind: 'int',
      min: 0,
      max: maxDistance,
      default: maxDistance,
      doc:
        'pixels between the discs that must be related; 0: ' +
        'one disc a row, whether most are light is the class; below 4 they touch',
    },
    noise: {
      kind: 'number',
      min: 0,
      max: 1,
      default: 0.1,
      unsaidDefault: true,
      doc: 'most noise of a pixel, sigma of 0 black to 1 white; each image has a fifth of it to all of it',
    },
  },
  labelPreserving: { flip: true, crop: false },
  async load(params) {
    return generateSplits(params, classes, (canvas, random, label) => {
      canvas.background(random, 0.04);
      const rows = discKinds(random, label, params.distance > 0);
      rowCentres(random, params.distance).forEach((places, row) =>
        places.forEach((place, column) => drawDisc(canvas, random, place, rows[row]![column]!)),
      );
      return uniform(random, params.noise / 5, params.noise);
    });
  },
});
