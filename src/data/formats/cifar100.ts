/**
 * CIFAR-100 with its fine labels: 60,000 colour images of 32×32 in 100 classes,
 * https://www.cs.toronto.edu/~kriz/cifar.html.
 */
import { join } from 'node:path';
import { defineDataset, limitParams } from '../dataset-definition.js';
import { exists, resolveFolder } from '../images/data-files.js';
import { limitSplits } from '../images/limit-splits.js';
import type { CifarFormat } from './cifar-format.js';
import { checkUnreadFile, readCifar, readClassNames } from './cifar-format.js';

const trainFormat: CifarFormat = { labelBytes: 2, classes: 100, publishedRecords: 50_000 };
const testFormat: CifarFormat = { ...trainFormat, publishedRecords: 10_000 };

export const cifar100 = defineDataset({
  name: 'cifar100',
  doc: 'CIFAR-100, binary version, fine labels: train.bin and test.bin',
  params: {
    folder: { kind: 'text', doc: 'folder of the .bin files, or the one that holds cifar-100-binary' },
    'validate-on': {
      kind: 'choice',
      oneOf: ['held-out', 'test'],
      default: 'held-out',
      doc:
        'scores come from images held out of train.bin, ' +
        'or from test.bin (choosing networks by it leaves no honest test)',
    },
    ...limitParams,
  },
  labelPreserving: { flip: true, crop: true },
  async load(params, { baseFolder }) {
    const folder = await resolveFolder(baseFolder, params.folder, 'cifar-100-binary');
    await checkUnreadFile(join(folder, 'test.bin'), testFormat);
    const train = await readCifar(folder, ['train.bin'], trainFormat);
    const validation =
      params['validate-on'] === 'test' ? await readCifar(folder, ['test.bin'], testFormat) : undefined;
    const test =
      validation === undefined && (await exists(join(folder, 'test.bin')))
        ? () => readCifar(folder, ['test.bin'], testFormat)
        : undefined;
    const classes = await readClassNames(join(folder, 'fine_label_names.txt'), trainFormat.classes);
    return limitSplits('cifar100', { classes, train, validation, test }, params);
  },
});
