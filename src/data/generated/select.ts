/**
 * SELECT, a generated set: which stripes does the reddest disc carry?
 *
 * Discs on a 4×4 grid of the 32×32 image differ in tint; the class is the texture of the reddest one (five
 * directions of stripes, two periods). The tints of an image share a random offset, so no redness that is
 * fixed beforehand identifies it: discs have to be compared. Two others share one texture, so that counting
 * textures misleads.
 *
 * Recipe, U = uniform, one draw each per image unless said: ground 0.5 + two slow waves a channel, amplitude
 * 0.05. Discs N, in different cells; centre at 8i + 3.5 ± U(1), radius 3.8. Texture k: stripes at 36°·(k mod
 * 5) ± U(6°), period 3.0 for k < 5 and
 * 5.2 otherwise, × U(0.94, 1.06), phase U(0, 2π), amplitude U(0.18, 0.30), all per disc. Disc 0 carries the
 * class's texture, discs 1 and 2 another one in common, the rest any. Tint: X0 = o with o ~ U(0, R), the
 * others o - d - U(0, 0.3), with one d ~ U(0.1, 0.6); X runs over [-0.9, R], rescaled to [-1, 1]; colour
 * (0.24 X, U(-0.1, 0.1), -0.24 X). Normal noise of sigma U(0.03, to); clipped, 8 bits. Levels (N; R; to):
 * easy (1..4; 1; 0.10), medium (2..6; 1; 0.14), hard (2..6; 2; 0.14).
 *
 * Mirroring turns one class into another; a crop can cut the reddest disc off: neither keeps labels. A
 * 7-pixel bag of features does well on it, see src/data/README.md. It exercises the lab; it is no evidence
 * about natural images.
 */

import { defineDataset } from '../dataset-definition.js';
import { uniform } from './canvas.js';
import { generatedParams, generateSplits } from './generate-splits.js';

const classes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((k) => `${k < 5 ? 'fine' : 'coarse'} ${36 * (k % 5)}°`);

const levels = {
  easy: { discs: [1, 4], offset: 1, noise: 0.1 },
  medium: { discs: [2, 6], offset: 1, noise: 0.14 },
  hard: { discs: [2, 6], offset: 2, noise: 0.14 },
} as const;
const [lowest, amplitude] = [-0.9, 0.24];

export const select = defineDataset({
  name: 'select',
  doc: 'generated: which stripes does the reddest disc carry? 10 classes, 32×32, made from the seed',
  params: generatedParams,
  labelPreserving: { flip: false, crop: false },
  async load(params) {
    const {
      discs: [fewest, most],
      offset: offsetRange,
      noise,
    } = levels[params.difficulty as keyof typeof levels];
    return generateSplits(params, classes, (canvas, random, label) => {
      canvas.background(random, 0.05);
      const count = fewest + random.integer(most - fewest + 1);
      const cells = random.shuffled(Array.from({ length: 16 }, (_, cell) => cell));
      const offset = uniform(random, 0, offsetRange);
      const lead = uniform(random, 0.1, 0.6);
      const shared = (label + 1 + random.integer(classes.length - 1)) % classes.length;
      const textureOf = (disc: number): number => {
        if (disc === 0) return label;
        return disc < 3 ? shared : random.integer(classes.length);
      };
      for (let i = 0; i < count; i++) {
        const texture = textureOf(i);
        const redness = i === 0 ? offset : offset - lead - uniform(random, 0, 0.3);
        const x = (2 * (redness - lowest)) / (offsetRange - lowest) - 1;
        canvas.disc(
          {
            y: 8 * (cells[i]! >> 2) + 3.5 + uniform(random, -1, 1),
            x: 8 * (cells[i]! & 3) + 3.5 + uniform(random, -1, 1),
            radius: 3.8,
            stripes: {
              angle: ((36 * (texture % 5) + uniform(random, -6, 6)) * Math.PI) / 180,
              period: (texture < 5 ? 3 : 5.2) * uniform(random, 0.94, 1.06),
              phase: uniform(random, 0, 2 * Math.PI),
              amplitude: uniform(random, 0.18, 0.3),
            },
          },
          [amplitude * x, uniform(random, -0.1, 0.1), -amplitude * x],
        );
      }
      return uniform(random, 0.03, noise);
    });
  },
});
