/** Decoding image files: RGB of one size, and masks of class numbers. */
import sharp, { type Metadata, type Sharp } from 'sharp';
import { UserError } from '../../util/errors.js';
import type { CropWindow, PixelSize } from '../augment/crop-window.js';
import { asFileError } from './data-files.js';

const firstLine = (error: unknown): string => JSON.stringify((error as Error).message.split('\n')[0]);

/**
 * The crop of an image of this size, applied before resizing; undefined: shorter side fitted, centre cropped.
 */
export type CropFunction = (size: PixelSize) => CropWindow | undefined;

/**
 * RGB pixels `[size, size, 3]`: orientation applied, transparency on black, shorter side fitted, centre
 * cropped.
 * @param where names the image in messages
 * @param cut a crop to stretch to the size instead
 */
export async function decodeImage(
  bytes: Buffer,
  size: number,
  where: string,
  cut?: CropFunction,
): Promise<Buffer> {
  try {
    const part = cut?.(await imageSize(bytes, where));
    const upright = sharp(bytes, { failOn: 'truncated' }).rotate();
    return await (part === undefined ? upright : upright.extract({ ...part }))
      .flatten({ background: '#000' })
      .toColourspace('srgb')
      .resize(size, size, part === undefined ? { fit: 'cover', position: 'centre' } : { fit: 'fill' })
      .raw({ depth: 'uchar' })
      .toBuffer();
  } catch (error) {
    const known = asFileError(where, error);
    if (error instanceof UserError || known !== error) throw known;
    throw new UserError(
      `${where}: must decode as PNG or JPEG, got ${firstLine(error)} in its ${bytes.length} bytes`,
      { cause: error },
    );
  }
}

/** Width and height after applying the stored orientation. */
export async function imageSize(bytes: Buffer, where: string): Promise<{ width: number; height: number }> {
  try {
    const { width, height, orientation = 1 } = await sharp(bytes).metadata();
    return orientation >= 5 ? { width: height, height: width } : { width, height };
  } catch (error) {
    throw new UserError(
      `${where}: must decode as PNG or JPEG, got ${firstLine(error)} in its ${bytes.length} bytes`,
      { cause: error },
    );
  }
}

/**
 * Class of each pixel `[size, size]` of an 8-bit greyscale PNG of the image's size, cropped like the image,
 * nearest neighbour.
 * @param classes labels lie below it, or are 255 (unlabelled)
 */
export async function decodeMask(
  bytes: Buffer,
  size: number,
  image: { readonly width: number; readonly height: number },
  classes: number,
  where: string,
): Promise<Buffer> {
  let found: Metadata;
  try {
    found = await sharp(bytes, { failOn: 'truncated' }).metadata();
  } catch (error) {
    throw new UserError(
      `${where}: a mask must decode as PNG, got ${firstLine(error)} in its ${bytes.length} bytes`,
      { cause: error },
    );
  }
  if (found.width !== image.width || found.height !== image.height)
    throw new UserError(
      `${where}: a mask must have its image's size ${image.width}×${image.height}, ` +
        `got ${found.width}×${found.height}`,
    );
  if (found.isPalette || found.channels !== 1 || found.depth !== 'uchar') {
    throw new UserError(
      `${where}: a mask must be an 8-bit greyscale PNG of class numbers, ` +
        `got ${found.isPalette ? 'a palette' : `${found.channels} channels of ${found.depth}`}`,
      { fix: 'save class numbers as grey values' },
    );
  }
  const raw = (source: Sharp): Promise<Buffer> =>
    source.toColourspace('b-w').raw({ depth: 'uchar' }).toBuffer();
  const whole = await raw(sharp(bytes));
  const beyond = whole.findIndex((label) => label >= classes && label !== 255);
  if (beyond >= 0) {
    throw new UserError(
      `${where}: a class must lie in 0..${classes - 1} (255: unlabelled), ` +
        `got ${whole[beyond]} at row ${Math.floor(beyond / image.width)}, column ${beyond % image.width}`,
    );
  }
  return raw(
    sharp(whole, { raw: { width: image.width, height: image.height, channels: 1 } }).resize(size, size, {
      fit: 'cover',
      position: 'centre',
      kernel: 'nearest',
    }),
  );
}
