/**
 * Rows of discs, two a row, `distance` pixels apart: the images that `pair` and `keyed` share.
 *
 * Recipe, U = uniform: ground 0.5 + two slow waves a channel, amplitude 0.04. Eight rows, 4 pixels apart ±
 * U(0.4), U(1) to the left or right, the second disc U(0.2) above or below the first; discs of radius 1.2 and
 * light ± U(0.2, 0.45), times U(0.5, 1.5) in each channel. The freedom is the same at every distance, so that
 * nothing but the distance changes with it.
 */
import type { Random } from '../../util/random.js';
import { type Canvas, uniform } from './canvas.js';

export const side = 32;
const middle = (side - 1) / 2;
const rows = 8;

/** Most pixels between the discs of a row: all stay within the image. */
export const maxDistance = 22;

/** Pixels; the centre of the first pixel at 0. */
export interface DiscCentre {
  readonly y: number;
  readonly x: number;
}

/** Centres, `[8][2]`; at distance 0 `[8][1]`. */
export function rowCentres(random: Random, distance: number): (readonly DiscCentre[])[] {
  return Array.from({ length: rows }, (_, row) => {
    const y = (side / rows) * (row + 0.5) - 0.5 + uniform(random, -0.4, 0.4);
    const x = middle + uniform(random, -1, 1);
    if (distance === 0) return [{ y, x }];
    return [
      { y, x: x - distance / 2 },
      { y: y + uniform(random, -0.2, 0.2), x: x + distance / 2 },
    ];
  });
}

/** @param kind 0: lighter than the ground, 1: darker */
export function drawDisc(canvas: Canvas, random: Random, place: DiscCentre, kind: number): void {
  const light = (kind === 0 ? 1 : -1) * uniform(random, 0.2, 0.45);
  canvas.disc({ ...place, radius: 1.2, stripes: { angle: 0, period: 1, phase: 0, amplitude: 0 } }, [
    light * uniform(random, 0.5, 1.5),
    light * uniform(random, 0.5, 1.5),
    light * uniform(random, 0.5, 1.5),
  ]);
}
