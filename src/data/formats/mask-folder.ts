/** Semantic segmentation from files: a folder of images and one of masks with the same names. */
import { join, resolve } from 'node:path';
import { UserError } from '../../util/errors.js';
import { type ImageSet, unlabelled } from '../dataset.js';
import { defineDataset, limitParams } from '../dataset-definition.js';
import { exists, listFolder, readWhole } from '../images/data-files.js';
import { decodeImage, decodeMask, imageSize } from '../images/decode-image.js';
import { limitSplits } from '../images/limit-splits.js';

const stem = (name: string): string => name.replace(/\.[^.]+$/, '');

interface Pair {
  readonly image: string;
  readonly mask: string;
}

/** Images of `folder/images` with their masks in `folder/masks`. */
async function listPairs(folder: string): Promise<Pair[]> {
  const [images, masks] = await Promise.all(
    ['images', 'masks'].map(async (name) =>
      (await listFolder(join(folder, name))).filter((entry) => !entry.isFolder),
    ),
  );
  const maskOf = new Map(
    masks!.filter(({ name }) => /\.png$/i.test(name)).map(({ name }) => [stem(name), name]),
  );
  const pairs = images!
    .filter(({ name }) => /\.(png|jpe?g)$/i.test(name))
    .map(({ name }) => {
      const mask = maskOf.get(stem(name));
      if (mask === undefined)
        throw new UserError(
          `${join(folder, 'masks', `${stem(name)}.png`)}: ` +
            `every image needs a mask, got none for ${JSON.stringify(name)}`,
        );
      return { image: join(folder, 'images', name), mask: join(folder, 'masks', mask) };
    });
  if (pairs.length === 0)
    throw new UserError(`${join(folder, 'images')}: must hold PNG or JPEG images, got none`);
  return pairs;
}

async function readPairs(pairs: readonly Pair[], size: number, classes: number): Promise<ImageSet> {
  const area = size * size;
  const pixels = new Uint8Array(pairs.length * area * 3);
  const masks = new Uint8Array(pairs.length * area);
  const atOnce = 8; // bounds memory; sharp decodes on its own threads
  for (let start = 0; start < pairs.length; start += atOnce) {
    await Promise.all(
      pairs.slice(start, start + atOnce).map(async ({ image, mask }, i) => {
        const [bytes, maskBytes] = await Promise.all([readWhole(image), readWhole(mask)]);
        const [decoded, labels] = await Promise.all([
          decodeImage(bytes, size, image),
          decodeMask(maskBytes, size, await imageSize(bytes, image), classes, mask),
        ]);
        pixels.set(decoded, (start + i) * area * 3);
        masks.set(labels, (start + i) * area);
      }),
    );
  }
  return {
    count: pairs.length,
    height: size,
    width: size,
    channels: 3,
    pixels,
    labels: new Uint16Array(pairs.length),
    masks,
  };
}

/** Names from `classes.txt`, one per line; default `class-0`, `class-1`, …. */
async function classNames(root: string, classes: number): Promise<string[]> {
  const file = join(root, 'classes.txt');
  const names = (await exists(file))
    ? (await readWhole(file))
        .toString('utf8')
        .split(/\r?\n/)
        .map((line) => line.trim())
        .filter((line) => line !== '')
    : undefined;
  if (names && classes > 0 && names.length !== classes)
    throw new UserError(`${file}: must name ${classes} classes, one a line, got ${names.length}`);
  if (!names && classes === 0)
    throw new UserError(`${root}: needs a classes.txt, or the number of classes, got neither`, {
      fix: 'masks(folder: …, classes: 21)',
    });
  const all = names ?? Array.from({ length: classes }, (_, label) => `class-${label}`);
  if (all.length < 2 || all.length >= unlabelled)
    throw new UserError(`${root}: classes must lie in 2..${unlabelled - 1}, got ${all.length}`);
  return all;
}

export const maskFolder = defineDataset({
  name: 'masks',
  doc:
    'segmentation: images and masks (8-bit grey PNGs of class numbers, 255 unlabelled) ' +
    'of the same names; below train and validation, or all together to be split',
  params: {
    folder: {
      kind: 'text',
      doc: 'folder that holds images and masks, or train and validation (and test) with both in each',
    },
    size: {
      kind: 'int',
      min: 8,
      max: 1024,
      default: 64,
      doc: 'pixels a side: the shorter side is resized to it and the centre cut out',
    },
    classes: {
      kind: 'int',
      min: 0,
      max: 254,
      default: 0,
      doc: 'number of classes; 0: as many as classes.txt names',
    },
    ...limitParams,
  },
  labelPreserving: { flip: true, crop: true },
  async load(params, { baseFolder }) {
    const root = resolve(baseFolder, params.folder);
    const parts = new Set(
      (await listFolder(root)).filter(({ isFolder }) => isFolder).map(({ name }) => name),
    );
    const classes = await classNames(root, params.classes);
    const part = async (name: string): Promise<ImageSet> =>
      readPairs(await listPairs(join(root, name)), params.size, classes.length);
    const split = parts.has('train') && parts.has('validation');
    return limitSplits(
      'masks',
      {
        classes,
        train: await part(split ? 'train' : '.'),
        validation: split ? await part('validation') : undefined,
        test: split && parts.has('test') ? () => part('test') : undefined,
      },
      params,
    );
  },
});
