/** Folders of image files by class, decoded and resized by sharp. */
import { join, resolve } from 'node:path';
import { UserError } from '../../util/errors.js';
import type { ImageSet } from '../dataset.js';
import { defineDataset, limitParams } from '../dataset-definition.js';
import { listFolder, readWhole } from '../images/data-files.js';
import { decodeImage } from '../images/decode-image.js';
import { limitSplits } from '../images/limit-splits.js';

const imageName = /\.(png|jpe?g)$/i;
const trainNames = ['train', 'training'];
const validationNames = ['validation', 'val', 'valid'];

interface ImageFile {
  readonly path: string;
  readonly label: number;
}

/** Image files below class folders; `classes` of the training part decides the labels. */
async function listPart(
  folder: string,
  known?: readonly string[],
): Promise<{ classes: string[]; files: ImageFile[] }> {
  const found = (await listFolder(folder)).filter(({ isFolder }) => isFolder).map(({ name }) => name);
  if (found.length === 0) throw new UserError(`${folder}: must hold one folder for each class, got none`);
  const classes = known === undefined ? found : [...known];
  const files: ImageFile[] = [];
  for (const name of found) {
    const label = classes.indexOf(name);
    if (label < 0)
      throw new UserError(
        `${join(folder, name)}: ` +
          `class must be one of the training part's (${classes.join(', ')}), got ${JSON.stringify(name)}`,
      );
    const images = (await listFolder(join(folder, name))).filter(
      (entry) => !entry.isFolder && imageName.test(entry.name),
    );
    if (images.length === 0)
      throw new UserError(`${join(folder, name)}: class folder must hold PNG or JPEG images, got none`);
    files.push(...images.map((entry) => ({ path: join(folder, name, entry.name), label })));
  }
  return { classes, files };
}

async function readPart(files: readonly ImageFile[], size: number): Promise<ImageSet> {
  const imageBytes = size * size * 3;
  const pixels = new Uint8Array(files.length * imageBytes);
  const atOnce = 8; // bounds memory; sharp decodes on its own threads
  for (let start = 0; start < files.length; start += atOnce) {
    await Promise.all(
      files.slice(start, start + atOnce).map(async (file, i) => {
        pixels.set(await decodeImage(await readWhole(file.path), size, file.path), (start + i) * imageBytes);
      }),
    );
  }
  return {
    count: files.length,
    height: size,
    width: size,
    channels: 3,
    pixels,
    labels: Uint16Array.from(files, ({ label }) => label),
  };
}

export const imageFolder = defineDataset({
  name: 'folder',
  doc: 'PNG and JPEG images, one folder a class; below train and validation, or all together to be split',
  params: {
    folder: {
      kind: 'text',
      doc: 'folder that holds the class folders, or train and validation with class folders in each',
    },
    size: {
      kind: 'int',
      min: 4,
      max: 1024,
      default: 32,
      doc: 'pixels a side: the shorter side is resized to it and the centre cut out',
    },
    ...limitParams,
  },
  labelPreserving: { flip: true, crop: true },
  async load(params, { baseFolder }) {
    const root = resolve(baseFolder, params.folder);
    const subfolders = (await listFolder(root)).filter(({ isFolder }) => isFolder).map(({ name }) => name);
    const trainName = trainNames.find((name) => subfolders.includes(name));
    const validationName = validationNames.find((name) => subfolders.includes(name));
    const split = trainName !== undefined && validationName !== undefined;
    const training = await listPart(split ? join(root, trainName) : root);
    if (training.classes.length < 2) {
      throw new UserError(
        `${root}: must hold at least two class folders, got only ${JSON.stringify(training.classes[0])}`,
      );
    }
    const validating = split ? await listPart(join(root, validationName), training.classes) : undefined;
    const train = await readPart(training.files, params.size);
    const validation = validating && (await readPart(validating.files, params.size));
    const test =
      split && subfolders.includes('test')
        ? async (): Promise<ImageSet> =>
            readPart((await listPart(join(root, 'test'), training.classes)).files, params.size)
        : undefined;
    return limitSplits('folder', { classes: training.classes, train, validation, test }, params);
  },
});
