/**
 * mixup (https://arxiv.org/abs/1710.09412) and CutMix (https://arxiv.org/abs/1905.04899) on a finished batch:
 * image i takes a share of image count-1-i, and so does its label. One share a batch, drawn from Beta(alpha,
 * alpha); where both are asked for, each batch draws which. With an odd count the image in the middle meets
 * itself.
 */
import type { Random } from '../../util/random.js';

export interface LabelMix {
  /** `[count]`: the other label of each image. */
  readonly labels: Int32Array;
  /** Share of an image's own label; 1 - share goes to the other. */
  readonly share: number;
}

export interface MixOptions {
  readonly mixup?: number | undefined;
  readonly cutmix?: number | undefined;
}

/** Marsaglia and Tsang's method, for any shape above 0. */
function gamma(random: Random, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * (1 - random.next()) ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = random.normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Beta(alpha, alpha) in [0, 1]. */
export function betaDraw(random: Random, alpha: number): number {
  const [a, b] = [gamma(random, alpha), gamma(random, alpha)];
  return a + b > 0 ? a / (a + b) : 0.5;
}

/** Mixes `pixels` `[count, height, width, channels]` in place. */
export function mixBatch(
  pixels: Float32Array,
  labels: Int32Array,
  size: { readonly height: number; readonly width: number; readonly channels: number },
  random: Random,
  { mixup = 0, cutmix = 0 }: MixOptions,
): LabelMix {
  const count = labels.length;
  const others = Int32Array.from(labels).reverse();
  const cuts = cutmix > 0 && (mixup === 0 || random.integer(2) === 1);
  const drawn = betaDraw(random, cuts ? cutmix : mixup);
  const { height, width, channels } = size;
  const imageSize = height * width * channels;
  let share = drawn;
  let box = { top: 0, left: 0, bottom: height, right: width };
  if (cuts) {
    const side = Math.sqrt(1 - drawn);
    const [y, x] = [random.integer(height), random.integer(width)];
    const [halfY, halfX] = [Math.floor((height * side) / 2), Math.floor((width * side) / 2)];
    box = {
      top: Math.max(0, y - halfY),
      bottom: Math.min(height, y + halfY),
      left: Math.max(0, x - halfX),
      right: Math.min(width, x + halfX),
    };
    share = 1 - ((box.bottom - box.top) * (box.right - box.left)) / (height * width); // what was really cut
  }
  for (let first = 0, second = count - 1; first < second; first++, second--) {
    for (let y = box.top; y < box.bottom; y++) {
      const start = (y * width + box.left) * channels;
      const end = (y * width + box.right) * channels;
      for (let at = start; at < end; at++) {
        const [a, b] = [pixels[first * imageSize + at]!, pixels[second * imageSize + at]!];
        pixels[first * imageSize + at] = cuts ? b : share * a + (1 - share) * b;
        pixels[second * imageSize + at] = cuts ? a : share * b + (1 - share) * a;
      }
    }
  }
  return { labels: others, share };
}
