/**
 * KEYED, a generated segmentation set graded in how far apart what must be compared stands: which discs carry the key's direction?
 *
 * 32×32 pixels; four discs (radius 4) of striped light on a grid of 3×3 places, with a key stroke where `relation` says. Pixel
 * classes: background, disc whose stripes run along the key, disc whose stripes do not. Directions are 0, 45, 90 and 135 degrees.
 *   none: a disc is told by its own direction (0 and 45 against 90 and 135); the keys that stand beside discs mean nothing.
 *   near: every disc has a key of its own, right above it; keys differ.
 *   far:  one key in a corner of the image decides for all discs; the keys beside discs are gone.
 * Stripes have random period and phase, strokes random colour and contrast, noise of sigma U(0.02, 0.1): no pixel and no patch
 * without the key tells the class (near, far). Mirroring keeps masks true, since key and stripes turn together; so does cropping in
 * `none` and `near`, while in `far` it can cut the key off. It exercises the lab; it says nothing about natural images.
 */
import { seededRandom, type Random } from '../../util/random.js';
import type { ImageSet } from '../contract.js';
import { between, Canvas } from './canvas.js';
import { defineDataset } from './definition.js';

const side = 32;
const classes = ['background', 'along the key', 'across the key'];
const radius = 4;
/** Centres of the nine places along an axis. */
const centres = [5.5, 16, 26.5];

const params = {
  train: { kind: 'int', min: 2, max: 1_000_000, default: 2000, doc: 'training images' },
  validation: { kind: 'int', min: 2, max: 1_000_000, default: 500, doc: 'validation images, drawn independently; as many for the test' },
  seed: { kind: 'int', min: 0, max: 0xffffffff, default: 1, doc: 'decides every image' },
  relation: { kind: 'choice', oneOf: ['none', 'near', 'far'], default: 'far', doc: 'where the key stands: no key needed, beside each disc, or once in a corner' },
} as const;

const radians = (direction: number, jitter: number): number => ((45 * direction + jitter) * Math.PI) / 180;

function key(canvas: Canvas, random: Random, y: number, x: number, direction: number): void {
  const contrast = (random.next() < 0.5 ? 1 : -1) * between(random, 0.3, 0.45);
  canvas.stroke({ y, x, angle: radians(direction, between(random, -6, 6)), halfLength: 2.2, halfWidth: 0.7 },
    [contrast * between(random, 0.7, 1.2), contrast * between(random, 0.7, 1.2), contrast * between(random, 0.7, 1.2)]);
}

function drawKeyed(canvas: Canvas, random: Random, relation: 'none' | 'near' | 'far', mask: Uint8Array): void {
  canvas.background(random, 0.04);
  const places = random.shuffled([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  const common = random.integer(4);
  if (relation === 'far') {
    const corner = places.find((place) => [0, 2, 6, 8].includes(place))!;
    places.splice(places.indexOf(corner), 1);
    key(canvas, random, centres[Math.floor(corner / 3)]!, centres[corner % 3]!, common);
  }
  for (const place of places.slice(0, 4)) {
    const [y, x] = [centres[Math.floor(place / 3)]! + between(random, -0.5, 0.5), centres[place % 3]! + between(random, -0.5, 0.5)];
    const along = random.integer(2) === 0;
    const own = relation === 'far' ? common : random.integer(4);
    const direction = along ? own : (own + 1 + random.integer(3)) % 4;
    if (relation !== 'far') key(canvas, random, Math.max(2, y - radius - 2.2), x, own);
    canvas.disc({ y, x, radius, stripes: { angle: radians(direction, between(random, -6, 6)) + Math.PI / 2, period: between(random, 2.6, 3.6), phase: between(random, 0, 2 * Math.PI), amplitude: between(random, 0.25, 0.4) } }, [0, 0, 0]);
    const told = relation === 'none' ? direction < 2 : along;
    for (let row = Math.max(0, Math.ceil(y - radius)); row <= Math.min(side - 1, y + radius); row++) {
      for (let column = Math.max(0, Math.ceil(x - radius)); column <= Math.min(side - 1, x + radius); column++) {
        if (Math.hypot(row - y, column - x) <= radius) mask[row * side + column] = told ? 1 : 2;
      }
    }
  }
}

function generate(count: number, random: Random, relation: 'none' | 'near' | 'far'): ImageSet {
  const canvas = new Canvas(side);
  const area = side * side;
  const pixels = new Uint8Array(count * area * 3);
  const masks = new Uint8Array(count * area);
  for (let i = 0; i < count; i++) {
    drawKeyed(canvas, random, relation, masks.subarray(i * area, (i + 1) * area));
    canvas.develop(random, between(random, 0.02, 0.1), pixels, i * area * 3);
  }
  return { count, height: side, width: side, channels: 3, pixels, labels: new Uint16Array(count), masks };
}

export const keyed = defineDataset({
  name: 'keyed',
  doc: 'generated segmentation: which discs carry the key\'s direction? 3 classes, 32×32, graded by how far the key stands',
  params,
  keepsLabels: { flip: true, crop: false },
  async load({ train, validation, seed, relation }) {
    const random = seededRandom(seed);
    const part = (name: string, count: number): ImageSet => generate(count, random.fork(name), relation as 'none' | 'near' | 'far');
    return { classes, train: part('train', train), validation: part('validation', validation), test: async () => part('test', validation) };
  },
});
