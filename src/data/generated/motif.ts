/**
 * MOTIF, a generated set: in which of ten arrangements are four strokes, among distractors, arrangements of
 * no class?
 *
 * A motif is a square of 2×2 strokes, 8 pixels apart, one each at 0, 45, 90 and 135 degrees; the class is
 * the direction at each place (an even permutation; odd ones are distractors). All motifs hold the same four
 * strokes, so windows that see one stroke at a time say nothing about the class, and each stroke is lighter
 * or darker than its ground at random, so no pixel does. The image is 32×32 pixels in four quadrants; some
 * show the class's motif, others distractors.
 *
 * Recipe, U = uniform, one draw each per image unless said: ground 0.5 + two slow waves a channel, amplitude
 * 0.05. Quadrants at random. Stroke centres at the motif's centre (7.5 or 23.5 along each axis) ± 4 ± U(1);
 * angle ± U(10°); half length 2.6, half width 0.9; contrast ± U(0.2, 0.35), colour U(0.4, 1) in each channel
 * scaled to a mean of 1, all per stroke. Normal noise of sigma U(from, to) per pixel and channel; clipped, 8
 * bits. Levels: easy: 1..4 copies of the class's motif, 0..3 distractors as far as quadrants are left, sigma
 * 0.05 to 0.15; medium: one copy, three distractors, 0.05 to 0.20; hard: the same, 0.10 to 0.30.
 *
 * Mirroring turns one class into another or into none, and cropping cuts outer strokes off: neither keeps
 * labels. What was measured on it, shortcuts included, is in src/data/README.md. It exercises the lab; it is
 * no evidence about natural images.
 */
import type { Random } from '../../util/random.js';
import { defineDataset } from '../dataset-definition.js';
import type { Canvas, Colour } from './canvas.js';
import { uniform } from './canvas.js';
import { generatedParams, generateSplits } from './generate-splits.js';

type Arrangement = readonly [topLeft: number, topRight: number, bottomLeft: number, bottomRight: number];

/** Even permutations of the four directions (in units of 45 degrees): the classes. */
const arrangements: readonly Arrangement[] = [
  [0, 1, 2, 3],
  [1, 0, 3, 2],
  [2, 3, 0, 1],
  [3, 2, 1, 0],
  [0, 3, 1, 2],
  [1, 3, 2, 0],
  [2, 1, 3, 0],
  [3, 1, 0, 2],
  [0, 2, 3, 1],
  [1, 2, 0, 3],
];
/** Odd permutations: arrangements of no class. */
const distractors: readonly Arrangement[] = [
  [0, 1, 3, 2],
  [0, 2, 1, 3],
  [0, 3, 2, 1],
  [1, 0, 2, 3],
  [1, 2, 3, 0],
  [1, 3, 0, 2],
  [2, 0, 3, 1],
  [2, 1, 0, 3],
  [2, 3, 1, 0],
  [3, 0, 1, 2],
  [3, 1, 2, 0],
  [3, 2, 0, 1],
];
const directions = ['–', '\\', '|', '/'];
const classes = arrangements.map((arrangement) =>
  arrangement.map((direction) => directions[direction]).join(''),
);

/** Most copies of the class's motif; fewest and most distractors beside them; range of the noise's sigma. */
const levels = {
  easy: { copies: 4, distractors: [0, 3], noise: [0.05, 0.15] },
  medium: { copies: 1, distractors: [3, 3], noise: [0.05, 0.2] },
  hard: { copies: 1, distractors: [3, 3], noise: [0.1, 0.3] },
} as const;

function drawMotif(canvas: Canvas, random: Random, quadrant: number, arrangement: Arrangement): void {
  const centreY = 7.5 + 16 * (quadrant >> 1);
  const centreX = 7.5 + 16 * (quadrant & 1);
  arrangement.forEach((direction, place) => {
    const contrast = (random.next() < 0.5 ? 1 : -1) * uniform(random, 0.2, 0.35);
    const tint: Colour = [uniform(random, 0.4, 1), uniform(random, 0.4, 1), uniform(random, 0.4, 1)];
    const scale = (3 * contrast) / (tint[0] + tint[1] + tint[2]);
    canvas.stroke(
      {
        y: centreY + (place >> 1 ? 4 : -4) + uniform(random, -1, 1),
        x: centreX + (place & 1 ? 4 : -4) + uniform(random, -1, 1),
        angle: ((45 * direction + uniform(random, -10, 10)) * Math.PI) / 180,
        halfLength: 2.6,
        halfWidth: 0.9,
      },
      [scale * tint[0], scale * tint[1], scale * tint[2]],
    );
  });
}

export const motif = defineDataset({
  name: 'motif',
  doc:
    'generated: in which of ten arrangements are four strokes, among distractors? 10 classes, 32×32, ' +
    'made from the seed',
  params: generatedParams,
  labelPreserving: { flip: false, crop: false },
  async load(params) {
    const {
      copies: most,
      distractors: [fewest, mostDistractors],
      noise,
    } = levels[params.difficulty as keyof typeof levels];
    return generateSplits(params, classes, (canvas, random, label) => {
      canvas.background(random, 0.05);
      const copies = 1 + random.integer(most);
      const shown = Math.min(4, copies + fewest + random.integer(mostDistractors - fewest + 1));
      const quadrants = random.shuffled([0, 1, 2, 3]);
      for (let i = 0; i < shown; i++) {
        const arrangement =
          i < copies ? arrangements[label]! : distractors[random.integer(distractors.length)]!;
        drawMotif(canvas, random, quadrants[i]!, arrangement);
      }
      return uniform(random, noise[0], noise[1]);
    });
  },
});
