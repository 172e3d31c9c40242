/**
 * The binary CIFAR format, https://www.cs.toronto.edu/~kriz/cifar.html: records of label bytes followed by
 * 3072 pixels, planes red, green, blue of 32×32 each. CIFAR-10 has one label byte, CIFAR-100 a coarse and a
 * fine one.
 */
import { basename, join } from 'node:path';
import { UserError } from '../../util/errors.js';
import type { ImageSet } from '../dataset.js';
import { exists, fileSize, readWhole } from '../images/data-files.js';

const side = 32;
const plane = side * side;

export interface CifarFormat {
  readonly labelBytes: 1 | 2;
  readonly classes: number;
  /** Records of a file as published; other whole numbers of records are read too. */
  readonly publishedRecords: number;
}

export const recordBytes = (format: CifarFormat): number => format.labelBytes + 3 * plane;

/** @throws UserError with actual and expected bytes where the size is not that of a complete file */
function checkSize(file: string, bytes: number, format: CifarFormat): void {
  const record = recordBytes(format);
  if (bytes > 0 && bytes % record === 0) return;
  const whole = Math.floor(bytes / record);
  const published = format.publishedRecords * record;
  const expected =
    bytes < published
      ? `${published} bytes (${format.publishedRecords} records of ${record} bytes)`
      : `a whole number of ${record}-byte records`;
  const rest = bytes - whole * record;
  const cut = `record ${whole + 1} at byte ${whole * record} has ${rest} of its ${record} bytes`;
  throw new UserError(
    `${file}: must hold ${expected}, got ${bytes} bytes: ${bytes === 0 ? 'the file is empty' : cut}`,
    { fix: "download the archive again and compare its checksum with the one on the data set's page" },
  );
}

/** Checks a file that is not read, by its size alone; an absent one is fine. */
export async function checkUnreadFile(file: string, format: CifarFormat): Promise<void> {
  if (await exists(file)) checkSize(file, await fileSize(file), format);
}

/**
 * Reads files one after the other into one set, planes interleaved to `[count, 32, 32, 3]`; the last label
 * byte is the label.
 * @throws UserError for a missing or cut file, or a label beyond the classes (with its byte)
 */
export async function readCifar(
  folder: string,
  names: readonly string[],
  format: CifarFormat,
): Promise<ImageSet> {
  const record = recordBytes(format);
  const files = names.map((name) => join(folder, name));
  const sizes = await Promise.all(files.map(fileSize));
  files.forEach((file, i) => checkSize(file, sizes[i]!, format));
  const count = sizes.reduce((sum, size) => sum + size / record, 0);
  const pixels = new Uint8Array(count * 3 * plane);
  const labels = new Uint16Array(count);
  let image = 0;
  for (const file of files) {
    const bytes = await readWhole(file);
    checkSize(file, bytes.length, format);
    for (let at = 0; at < bytes.length; at += record, image++) {
      const label = bytes[at + format.labelBytes - 1]!;
      if (label >= format.classes) {
        throw new UserError(
          `${file}: label must lie in 0..${format.classes - 1}, ` +
            `got ${label} at byte ${at + format.labelBytes - 1}`,
          { fix: `see that ${basename(file)} is the ${format.classes}-class binary version of the data set` },
        );
      }
      labels[image] = label;
      const from = at + format.labelBytes;
      const to = image * 3 * plane;
      for (let i = 0; i < plane; i++) {
        pixels[to + 3 * i] = bytes[from + i]!;
        pixels[to + 3 * i + 1] = bytes[from + plane + i]!;
        pixels[to + 3 * i + 2] = bytes[from + 2 * plane + i]!;
      }
    }
  }
  return { count, height: side, width: side, channels: 3, pixels, labels };
}

/** Class names from the text file beside the data, one a line; `class-0` and so on where it is absent. */
export async function readClassNames(
  file: string,
  classes: number,
  fallback?: readonly string[],
): Promise<readonly string[]> {
  if (!(await exists(file)))
    return fallback ?? Array.from({ length: classes }, (_, label) => `class-${label}`);
  const names = (await readWhole(file))
    .toString('utf8')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (names.length !== classes)
    throw new UserError(`${file}: must name ${classes} classes, one a line, got ${names.length}`);
  return names;
}
