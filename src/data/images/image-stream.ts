/** Reading images on demand from the files of an `ImageStream`. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { UserError } from '../../util/errors.js';
import type { ImageSet, ImageStream } from '../dataset.js';
import { asFileError } from './data-files.js';
import { type CropFunction, decodeImage } from './decode-image.js';

async function stampOf(file: string): Promise<string> {
  try {
    const { size, mtimeMs } = await stat(file);
    return `${size} ${mtimeMs}`;
  } catch (error) {
    throw asFileError(file, error);
  }
}

const atOnce = 16; // sharp decodes on its own threads

/**
 * The images, decoded, one after the other: `[images, size, size, 3]`.
 * @param cuts crop of each image; absent: whole images
 * @throws UserError where a file has changed since it was indexed, is gone, or an image does not decode
 */
async function read(
  { stream }: ImageSet,
  images: ArrayLike<number>,
  cuts?: readonly CropFunction[],
): Promise<Uint8Array> {
  if (!stream) throw new Error('streamImages.read: this set holds its pixels');
  const imageBytes = stream.size ** 2 * 3;
  const pixels = new Uint8Array(images.length * imageBytes);
  const handles = new Map<number, FileHandle>();
  try {
    for (const shard of new Set(Array.from(images, (image) => stream.shard[image]!))) {
      const file = stream.files[shard]!;
      const stamp = await stampOf(file);
      if (stamp !== stream.stamps[shard])
        throw new UserError(
          `${file}: must stay as it is while it is trained on, got a change ` +
            `(${stream.stamps[shard]!.split(' ')[0]} bytes before, ${stamp.split(' ')[0]} now)`,
        );
      handles.set(shard, await open(file, 'r'));
    }
    for (let start = 0; start < images.length; start += atOnce) {
      await Promise.all(
        Array.from({ length: Math.min(atOnce, images.length - start) }, async (_, i) => {
          const image = images[start + i]!;
          const shard = stream.shard[image]!;
          const { buffer } = await handles
            .get(shard)!
            .read(Buffer.alloc(stream.bytes[image]!), 0, stream.bytes[image]!, stream.offset[image]!);
          pixels.set(
            await decodeImage(
              buffer,
              stream.size,
              `${stream.files[shard]}: image at byte ${stream.offset[image]}`,
              cuts?.[start + i],
            ),
            (start + i) * imageBytes,
          );
        }),
      );
    }
    return pixels;
  } finally {
    await Promise.all([...handles.values()].map((handle) => handle.close()));
  }
}

/** The set with only these images. */
export function pickStream(stream: ImageStream, indices: ArrayLike<number>): ImageStream {
  const pick = <V extends Uint32Array | Float64Array>(values: V): V =>
    (
      values.constructor as unknown as { from(source: ArrayLike<number>, map: (index: number) => number): V }
    ).from(indices, (index) => values[index]!);
  return { ...stream, shard: pick(stream.shard), offset: pick(stream.offset), bytes: pick(stream.bytes) };
}

export const streamImages = { stampOf, read };
