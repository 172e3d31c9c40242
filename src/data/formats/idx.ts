/** Image sets in IDX files, as MNIST and Fashion-MNIST are published; plain or gzip. */
import { join } from 'node:path';
import { UserError } from '../../util/errors.js';
import type { ImageSet } from '../dataset.js';
import { defineDataset, limitParams } from '../dataset-definition.js';
import { exists, resolveFolder } from '../images/data-files.js';
import { limitSplits } from '../images/limit-splits.js';
import { readIdx } from './idx-file.js';

/**
 * The file as named, or with `.gz`, or with the dot of the original archive's unpacked names
 * (`train-images.idx3-ubyte`).
 */
async function findFile(folder: string, name: string): Promise<string | undefined> {
  const dotted = name.replace(/-(idx\d-ubyte)$/, '.$1');
  for (const candidate of [name, `${name}.gz`, dotted, `${dotted}.gz`]) {
    const file = join(folder, candidate);
    if (await exists(file)) return file;
  }
  return undefined;
}

/** One part: images `[count, rows, columns]` or `[count, rows, columns, channels]`, labels `[count]`. */
async function readPart(imagesFile: string, labelsFile: string): Promise<ImageSet> {
  const images = await readIdx(imagesFile, [3, 4]);
  const labels = await readIdx(labelsFile, [1]);
  const [count, height, width, channels = 1] = images.dimensions as [number, number, number, number?];
  if (labels.dimensions[0] !== count) {
    throw new UserError(
      `${labelsFile}: must hold one label for each of the ${count} images of ${imagesFile}, ` +
        `got ${labels.dimensions[0]} labels`,
    );
  }
  return { count, height, width, channels, pixels: images.values, labels: Uint16Array.from(labels.values) };
}

const lastLabel = (set: ImageSet): number => set.labels.reduce((max, label) => Math.max(max, label), 0);

export const idx = defineDataset({
  name: 'idx',
  doc: 'MNIST-style IDX files: train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-…, each plain or .gz',
  params: {
    folder: { kind: 'text', doc: 'folder of the files' },
    'validate-on': {
      kind: 'choice',
      oneOf: ['held-out', 'test'],
      default: 'held-out',
      doc: 'scores come from images held out of the training files, or from the t10k files',
    },
    classes: {
      kind: 'int',
      min: 0,
      max: 256,
      default: 0,
      doc: 'number of classes; 0 for the highest training label plus one',
    },
    ...limitParams,
  },
  labelPreserving: { flip: false, crop: true },
  async load(params, { baseFolder }) {
    const folder = await resolveFolder(baseFolder, params.folder);
    const part = async (prefix: string): Promise<ImageSet> => {
      const [images, labels] = (await Promise.all(
        [`${prefix}-images-idx3-ubyte`, `${prefix}-labels-idx1-ubyte`].map(async (name) => {
          const file = await findFile(folder, name);
          if (file === undefined)
            throw new UserError(`${join(folder, name)}: must exist (or with .gz), got no such file`);
          return file;
        }),
      )) as [string, string];
      const set = await readPart(images, labels);
      const beyond = params.classes === 0 ? -1 : set.labels.findIndex((label) => label >= params.classes);
      if (beyond >= 0)
        throw new UserError(
          `${labels}: label must lie in 0..${params.classes - 1}, ` +
            `got ${set.labels[beyond]} at byte ${8 + beyond} of the unpacked file`,
        );
      return set;
    };
    const train = await part('train');
    const classCount = params.classes || lastLabel(train) + 1;
    const t10k = async (): Promise<ImageSet> => {
      const set = await part('t10k');
      const beyond = set.labels.findIndex((label) => label >= classCount);
      if (beyond >= 0)
        throw new UserError(
          `${join(folder, 't10k-labels-idx1-ubyte')}: ` +
            `label must lie in 0..${classCount - 1} as in the training part, ` +
            `got ${set.labels[beyond]} at byte ${8 + beyond} of the unpacked file`,
        );
      if (set.height !== train.height || set.width !== train.width || set.channels !== train.channels) {
        throw new UserError(
          `${join(folder, 't10k-images-idx3-ubyte')}: ` +
            `images must be ${train.height}×${train.width}×${train.channels} as in the training part, ` +
            `got ${set.height}×${set.width}×${set.channels}`,
        );
      }
      return set;
    };
    const validation = params['validate-on'] === 'test' ? await t10k() : undefined;
    const test =
      validation === undefined && (await findFile(folder, 't10k-images-idx3-ubyte')) !== undefined
        ? t10k
        : undefined;
    const classes = Array.from({ length: classCount }, (_, label) => String(label));
    return limitSplits('idx', { classes, train, validation, test }, params);
  },
});
