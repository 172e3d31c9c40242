/** Selection, checks, channel statistics and hashes of image sets. */
import { createHash, type Hash } from 'node:crypto';
import { UserError } from '../../util/errors.js';
import { seededRandom } from '../../util/random.js';
import type { Dataset, ImageSet, SplitName, SplitRecord } from '../dataset.js';
import type { Splits } from '../dataset-definition.js';
import { pickStream, streamImages } from './image-stream.js';

/** The images at `indices`, copied, in that order. */
export function pickImages(set: ImageSet, indices: ArrayLike<number>): ImageSet {
  const imageBytes = set.stream ? 0 : set.height * set.width * set.channels;
  const pixels = new Uint8Array(indices.length * imageBytes);
  const labels = new Uint16Array(indices.length);
  const area = set.height * set.width;
  const masks = set.masks && new Uint8Array(indices.length * area);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]!;
    pixels.set(set.pixels.subarray(from * imageBytes, (from + 1) * imageBytes), i * imageBytes);
    labels[i] = set.labels[from]!;
    masks?.set(set.masks!.subarray(from * area, (from + 1) * area), i * area);
  }
  return {
    ...set,
    count: indices.length,
    pixels,
    labels,
    ...(masks && { masks }),
    ...(set.stream && { stream: pickStream(set.stream, indices) }),
  };
}

/** Images of each class, `[classes]`. */
export function classCounts(set: ImageSet, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of set.labels) counts[label]!++;
  return counts;
}

/** Mean and standard deviation of each channel, pixels as fractions of 255; exact, by histogram. */
export function channelStatistics(set: ImageSet): { mean: number[]; std: number[] } {
  const histogram = Array.from({ length: set.channels }, () => new Float64Array(256));
  const { pixels, channels } = set;
  for (let channel = 0; channel < channels; channel++) {
    const bins = histogram[channel]!;
    for (let at = channel; at < pixels.length; at += channels) bins[pixels[at]!]!++;
  }
  const mean: number[] = [];
  const std: number[] = [];
  for (const bins of histogram) {
    let count = 0;
    let sum = 0;
    let squares = 0;
    for (let value = 0; value < 256; value++) {
      count += bins[value]!;
      sum += (bins[value]! * value) / 255;
      squares += bins[value]! * (value / 255) ** 2;
    }
    mean.push(sum / count);
    std.push(Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2)));
  }
  return { mean, std };
}

function addSet(hash: Hash, set: ImageSet): void {
  const bytes = (values: Uint8Array | Uint16Array): Uint8Array =>
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  hash
    .update(`${set.count}x${set.height}x${set.width}x${set.channels};`)
    .update(set.pixels)
    .update(bytes(set.labels));
  if (set.masks) hash.update('masks;').update(set.masks);
  // a stream's bytes were hashed when it was indexed; here follows which of its images the set holds
  if (set.stream)
    hash
      .update(`stream ${set.stream.contentHash};`)
      .update(
        Buffer.from(set.stream.offset.buffer, set.stream.offset.byteOffset, set.stream.offset.byteLength),
      )
      .update(Buffer.from(set.stream.shard.buffer, set.stream.shard.byteOffset, set.stream.shard.byteLength));
}

/** SHA-256 in hex over shape, pixels, labels and masks of both splits, training first. */
export function splitsHash(splits: Pick<Splits, 'train' | 'validation'>): string {
  const hash = createHash('sha256');
  for (const set of [splits.train, splits.validation]) addSet(hash, set);
  return hash.digest('hex');
}

/** Record of a split: name, count, hash. */
export function splitRecord(split: SplitName, set: ImageSet): SplitRecord {
  const hash = createHash('sha256');
  addSet(hash, set);
  return { split, count: set.count, hash: hash.digest('hex') };
}

/** Sample size for the channel statistics of a streamed set. */
const statisticsImages = 2000;

/** Channel statistics of a streamed set, from a sample drawn with a fixed seed. */
export async function streamStatistics(set: ImageSet): Promise<{ mean: number[]; std: number[] }> {
  const drawn = seededRandom('statistics')
    .shuffled(Array.from({ length: set.count }, (_, image) => image))
    .slice(0, statisticsImages);
  return channelStatistics({ ...set, pixels: await streamImages.read(set, drawn) });
}

/**
 * The finished data set.
 * @param where name of the data set in messages
 * @throws UserError where a network could not be trained or scored on it: fewer than two classes, an empty
 * split
 */
export function finishDataset(
  where: string,
  name: string,
  splits: Splits,
  statistics: { readonly mean: number[]; readonly std: number[] } = channelStatistics(splits.train),
): Dataset {
  const { classes, train, validation } = splits;
  if (train.count === 0 || validation.count === 0) {
    throw new UserError(
      `${where}: training and validation must both hold images, got ${train.count} and ${validation.count}`,
    );
  }
  const { test } = splits;
  if (train.masks)
    return {
      name,
      classes,
      train,
      validation,
      ...statistics,
      hash: splitsHash(splits),
      ...(test && { test }),
    };
  const present = classCounts(train, classes.length).flatMap((count, label) => (count > 0 ? [label] : []));
  if (present.length < 2) {
    throw new UserError(
      `${where}: training images must belong to at least two classes, ` +
        `got only ${JSON.stringify(classes[present[0]!] ?? present[0])}`,
    );
  }
  return { name, classes, train, validation, ...statistics, hash: splitsHash(splits), ...(test && { test }) };
}
