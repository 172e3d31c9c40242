/**
 * RandAugment (https://arxiv.org/abs/1909.13719): so many operations an image, drawn uniformly from the
 * paper's fourteen, all at one magnitude. 10 is an operation's full strength; papers that say 15 (CoAtNet,
 * MaxViT, AsCAN) mean one and a half of it. Operations that work in both directions draw their sign;
 * posterize and solarize grow stronger with the magnitude.
 */
import type { Random } from '../../util/random.js';
import {
  autocontrast,
  brightness,
  contrast,
  equalize,
  posterize,
  saturation,
  sharpness,
  solarize,
} from './colour-operations.js';
import { type Affine, type ImageBuffer, warp } from './warp.js';

/** Full strength of each: degrees, shear, share of the side, change of a blend factor. */
const full = { degrees: 30, shear: 0.3, shift: 0.3, blend: 0.9, bits: 4 };

type Operation = (
  image: ImageBuffer,
  strength: number,
  geometry: (affine: Affine) => void,
  sign: number,
) => void;

/** About the image's centre. */
function centred(
  { height, width }: ImageBuffer,
  [a, b, c, d]: readonly [number, number, number, number],
): Affine {
  const [cy, cx] = [(height - 1) / 2, (width - 1) / 2];
  return [a, b, cy - a * cy - b * cx, c, d, cx - c * cy - d * cx];
}

export const operations = {
  identity: () => {},
  autocontrast: (image) => autocontrast(image),
  equalize: (image) => equalize(image),
  rotate(image, strength, geometry, sign) {
    const angle = (sign * strength * full.degrees * Math.PI) / 180;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    geometry(centred(image, [cos, sin, -sin, cos]));
  },
  solarize: (image, strength) => solarize(image, Math.max(0, 256 - 256 * strength)),
  color: (image, strength, _, sign) => saturation(image, Math.max(0, 1 + sign * full.blend * strength)),
  posterize: (image, strength) => posterize(image, Math.max(1, 8 - Math.round(full.bits * strength))),
  contrast: (image, strength, _, sign) => contrast(image, Math.max(0, 1 + sign * full.blend * strength)),
  brightness: (image, strength, _, sign) => brightness(image, Math.max(0, 1 + sign * full.blend * strength)),
  sharpness: (image, strength, _, sign) => sharpness(image, Math.max(0, 1 + sign * full.blend * strength)),
  'shear-x': (image, strength, geometry, sign) =>
    geometry(centred(image, [1, 0, sign * full.shear * strength, 1])),
  'shear-y': (image, strength, geometry, sign) =>
    geometry(centred(image, [1, sign * full.shear * strength, 0, 1])),
  'translate-x': (image, strength, geometry, sign) =>
    geometry([1, 0, 0, 0, 1, sign * full.shift * strength * image.width]),
  'translate-y': (image, strength, geometry, sign) =>
    geometry([1, 0, sign * full.shift * strength * image.height, 0, 1, 0]),
} as const satisfies Record<string, Operation>;

const names = Object.keys(operations) as (keyof typeof operations)[];

/**
 * Full strength times `magnitude / 10`, with what falls outside filled; `image` and `scratch` trade places as
 * needed.
 */
export function randaugment(
  image: ImageBuffer,
  scratch: ImageBuffer,
  random: Random,
  options: { readonly operations: number; readonly magnitude: number },
  fill: ArrayLike<number>,
): void {
  for (let i = 0; i < options.operations; i++) {
    const operation: Operation = operations[names[random.integer(names.length)]!];
    const sign = random.integer(2) === 0 ? -1 : 1;
    operation(
      image,
      options.magnitude / 10,
      (affine) => {
        warp(image, scratch, affine, fill);
        image.pixels.set(scratch.pixels);
      },
      sign,
    );
  }
}
