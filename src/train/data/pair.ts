/**
 * PAIR, a generated classification set graded in distance: by which angle do two strokes differ?
 *
 * 32×32 pixels, two strokes `distance` pixels apart (near 6, middle 12, far 22, ± 1) in a random direction, on a ground of slow waves.
 * The first stroke's direction is uniform over 0, 45, 90, 135 degrees, the second's is that plus the class times 45 degrees; each
 * jittered by U(8). So one stroke alone says nothing, and a network that sums up what windows smaller than the distance show, and
 * judges the sum linearly, is left at 25 %. Contrast and colour per stroke are random, noise of sigma U(0.02, 0.12).
 * Mirroring turns 45 degrees into 135, and cropping cuts strokes off: neither keeps labels. It exercises the lab; it says nothing
 * about natural images.
 */
import { between } from './canvas.js';
import { defineDataset } from './definition.js';
import { generatedParams, generateSplits } from './generate.js';

const classes = ['0°', '45°', '90°', '135°'];
const distances = { near: 6, middle: 12, far: 22 } as const;
const { train, validation, seed } = generatedParams;

export const pair = defineDataset({
  name: 'pair',
  doc: 'generated: by which angle do two strokes differ? 4 classes, 32×32, graded by their distance',
  params: {
    train, validation, seed,
    distance: { kind: 'choice', oneOf: ['near', 'middle', 'far'], default: 'far', doc: 'pixels between the strokes: 6, 12 or 22' },
  },
  keepsLabels: { flip: false, crop: false },
  async load(params) {
    const distance = distances[params.distance as keyof typeof distances];
    return generateSplits(params, classes, (canvas, random, label) => {
      canvas.background(random, 0.05);
      const first = random.integer(4);
      for (;;) {
        const bearing = between(random, 0, 2 * Math.PI);
        const apart = distance + between(random, -1, 1);
        const [dy, dx] = [apart * Math.sin(bearing), apart * Math.cos(bearing)];
        const [y, x] = [between(random, 3.5, 27.5), between(random, 3.5, 27.5)];
        if (y + dy < 3.5 || y + dy > 27.5 || x + dx < 3.5 || x + dx > 27.5) continue;
        [[y, x, first], [y + dy, x + dx, first + label]].forEach((stroke) => {
          const [atY, atX, direction] = stroke as [number, number, number];
          const contrast = (random.next() < 0.5 ? 1 : -1) * between(random, 0.25, 0.4);
          canvas.stroke({ y: atY, x: atX, angle: ((45 * direction + between(random, -8, 8)) * Math.PI) / 180, halfLength: 2.6, halfWidth: 0.9 },
            [contrast * between(random, 0.7, 1.3), contrast * between(random, 0.7, 1.3), contrast * between(random, 0.7, 1.3)]);
        });
        break;
      }
      return between(random, 0.02, 0.12);
    });
  },
});
