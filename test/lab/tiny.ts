/**
 * A space of tiny networks, a data set as real IDX files, and an experiment over both, written to a folder.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../src/util/random.js';

export const spaceText = `space tiny
  input 8x8x1
  classes 3
  block C = fused-mbconv(expand: 1, kernel: 3)
  block T = transformer(head-dim: 4, mlp: 1)
  stem conv(width: 4, layers: 1, stride: 1)
  stage 1  width 4  C
  stage 2  width 8  CC | CT | TT
  head pool-linear
`;

export const experimentText = (body = ''): string => `experiment tiny
  space tiny.space
  sample all
  profile throughput(batches: {1, 2}, launches: 1, threads: 1, control: false, warm-up-ms: 10, warm-up-cap-ms: 50, block-ms: 2, cap-ms: 30, latency-samples: 5)
  data idx(folder: digits)
  train adamw(epochs: 3, batch: 16) seeds {1, 2}
${body}`;

/** IDX: two zero bytes, type 8 (unsigned byte), number of dimensions, each size big-endian, the values. */
function idx(sizes: readonly number[], values: Uint8Array): Buffer {
  const head = Buffer.alloc(4 + 4 * sizes.length);
  head[2] = 8;
  head[3] = sizes.length;
  sizes.forEach((size, index) => head.writeUInt32BE(size, 4 + 4 * index));
  return Buffer.concat([head, values]);
}

/** 8×8 images of three classes: stripes across, stripes down, a checkerboard, with noise. */
export function writeDigits(folder: string, count = 96): void {
  mkdirSync(folder, { recursive: true });
  const random = seededRandom(3);
  const labels = Uint8Array.from({ length: count }, (_, index) => index % 3);
  const pixels = Uint8Array.from({ length: count * 64 }, (_, index) => {
    const [y, x] = [(index >> 3) & 7, index & 7];
    const bright = [y & 1, x & 1, (x + y) & 1][labels[index >> 6]!]!;
    return Math.round(60 + 120 * bright + 60 * random.next());
  });
  writeFileSync(join(folder, 'train-images-idx3-ubyte'), idx([count, 8, 8], pixels));
  writeFileSync(join(folder, 'train-labels-idx1-ubyte'), idx([count], labels));
}

/** Writes everything; returns the experiment's path. */
export function writeTiny(folder: string, text = experimentText()): string {
  writeFileSync(join(folder, 'tiny.space'), spaceText);
  writeDigits(join(folder, 'digits'));
  const file = join(folder, 'tiny.experiment');
  writeFileSync(file, text);
  return file;
}
