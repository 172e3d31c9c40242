/**
 * Drawing for generated data sets: shapes are added to one square RGB image in floating point, which is then
 * written with noise as 8 bits. Coordinates are pixels, `y` down, the centre of the first pixel at 0; angles
 * in radians from the x axis towards y.
 */

import type { Random } from '../../util/random.js';
import { seededRandom } from '../../util/random.js';

export type Colour = readonly [red: number, green: number, blue: number];

export interface Stroke {
  readonly y: number;
  readonly x: number;
  readonly angle: number;
  readonly halfLength: number;
  readonly halfWidth: number;
}

export interface Disc {
  readonly y: number;
  readonly x: number;
  readonly radius: number;
  /**
   * A sine grating of this period (pixels), direction, phase and amplitude, the same in all three channels.
   */
  readonly stripes: {
    readonly angle: number;
    readonly period: number;
    readonly phase: number;
    readonly amplitude: number;
  };
}

/** Uniform in `[low, high)`. */
export const uniform = (random: Random, low: number, high: number): number =>
  low + (high - low) * random.next();

const clip01 = (value: number): number => Math.min(1, Math.max(0, value));

const noiseCount = 65_536;
let noise: Float32Array | undefined;

/**
 * 65,536 standard normal values, always the same; noise is drawn from them, two values for one random number.
 */
function noiseTable(): Float32Array {
  const random = seededRandom('noise table');
  return (noise ??= Float32Array.from({ length: noiseCount }, () => random.normal()));
}

export class Canvas {
  /** `[side, side, 3]`, 0 black, 1 white; values beyond are clipped by `writeNoisy`. */
  readonly pixels: Float32Array;
  readonly #rows: Float64Array;
  readonly #columns: Float64Array;

  constructor(readonly side: number) {
    this.pixels = new Float32Array(side * side * 3);
    this.#rows = new Float64Array(2 * side);
    this.#columns = new Float64Array(2 * side);
  }

  /**
   * Mid grey plus two slow waves of random direction and phase in each channel; up to 0.09 cycles a pixel
   * along each axis.
   */
  background(random: Random, amplitude: number): void {
    const { side, pixels } = this;
    pixels.fill(0.5);
    for (let channel = 0; channel < 3; channel++) {
      for (let wave = 0; wave < 2; wave++) {
        const perRow = 2 * Math.PI * uniform(random, -0.09, 0.09);
        const perColumn = 2 * Math.PI * uniform(random, -0.09, 0.09);
        const phase = uniform(random, 0, 2 * Math.PI);
        for (let i = 0; i < side; i++) {
          // sin(a + b) by its parts: no sine per pixel
          this.#rows[2 * i] = amplitude * Math.sin(perRow * i + phase);
          this.#rows[2 * i + 1] = amplitude * Math.cos(perRow * i + phase);
          this.#columns[2 * i] = Math.cos(perColumn * i);
          this.#columns[2 * i + 1] = Math.sin(perColumn * i);
        }
        for (let y = 0, at = channel; y < side; y++) {
          for (let x = 0; x < side; x++, at += 3) {
            pixels[at]! +=
              this.#rows[2 * y]! * this.#columns[2 * x]! + this.#rows[2 * y + 1]! * this.#columns[2 * x + 1]!;
          }
        }
      }
    }
  }

  /** Adds `colour` times `shade(dy, dx)` within `reach` pixels of a centre. */
  #addShape(
    centreY: number,
    centreX: number,
    reach: number,
    shade: (dy: number, dx: number, add: (red: number, green: number, blue: number) => void) => void,
  ): void {
    const { side, pixels } = this;
    let at = 0;
    const add = (red: number, green: number, blue: number): void => {
      pixels[at]! += red;
      pixels[at + 1]! += green;
      pixels[at + 2]! += blue;
    };
    const [top, bottom] = [
      Math.max(0, Math.ceil(centreY - reach)),
      Math.min(side - 1, Math.floor(centreY + reach)),
    ];
    const [left, right] = [
      Math.max(0, Math.ceil(centreX - reach)),
      Math.min(side - 1, Math.floor(centreX + reach)),
    ];
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        at = 3 * (y * side + x);
        shade(y - centreY, x - centreX, add);
      }
    }
  }

  /** Adds a bar with edges one pixel soft. */
  stroke({ y, x, angle, halfLength, halfWidth }: Stroke, [red, green, blue]: Colour): void {
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    this.#addShape(y, x, Math.hypot(halfLength, halfWidth) + 1, (dy, dx, add) => {
      const along = clip01(halfLength + 0.5 - Math.abs(dx * cos + dy * sin));
      const across = clip01(halfWidth + 0.5 - Math.abs(dy * cos - dx * sin));
      const mask = along * across;
      if (mask > 0) add(mask * red, mask * green, mask * blue);
    });
  }

  /** Adds a disc with an edge one pixel soft: a colour and stripes. */
  disc({ y, x, radius, stripes }: Disc, [red, green, blue]: Colour): void {
    const [cos, sin] = [Math.cos(stripes.angle), Math.sin(stripes.angle)];
    const frequency = (2 * Math.PI) / stripes.period;
    this.#addShape(y, x, radius + 1, (dy, dx, add) => {
      const mask = clip01(radius + 0.5 - Math.hypot(dy, dx));
      if (mask === 0) return;
      const light = stripes.amplitude * Math.sin(frequency * (dx * cos + dy * sin) + stripes.phase);
      add(mask * (red + light), mask * (green + light), mask * (blue + light));
    });
  }

  /** Adds independent normal noise to every value, clips to 0..1, rounds to 8 bits. */
  writeNoisy(random: Random, sigma: number, to: Uint8Array, at: number): void {
    const table = noiseTable();
    const { pixels } = this;
    for (let i = 0; i < pixels.length; i += 2) {
      const word = random.next() * 0x1_0000_0000;
      const low = word & 0xffff;
      const high = word >>> 16;
      to[at + i] = Math.round(255 * clip01(pixels[i]! + sigma * table[low]!));
      if (i + 1 < pixels.length)
        to[at + i + 1] = Math.round(255 * clip01(pixels[i + 1]! + sigma * table[high]!));
    }
  }
}
