/**
 * CIFAR-10: 60,000 colour images of 32×32 in 10 classes, https://www.cs.toronto.edu/~kriz/cifar.html (binary
 * version).
 */
import { join } from 'node:path';
import { defineDataset, limitParams } from '../dataset-definition.js';
import { exists, resolveFolder } from '../images/data-files.js';
import { limitSplits } from '../images/limit-splits.js';
import type { CifarFormat } from './cifar-format.js';
import { checkUnreadFile, readCifar, readClassNames } from './cifar-format.js';

const format: CifarFormat = { labelBytes: 1, classes: 10, publishedRecords: 10_000 };
const trainFiles = [1, 2, 3, 4, 5].map((n) => `data_batch_${n}.bin`);
const names = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

export const cifar10 = defineDataset({
  name: 'cifar10',
  doc: 'CIFAR-10, binary version: data_batch_1.bin to data_batch_5.bin and test_batch.bin',
  params: {
    folder: { kind: 'text', doc: 'folder of the .bin files, or the one that holds cifar-10-batches-bin' },
    'validate-on': {
      kind: 'choice',
      oneOf: ['held-out', 'test'],
      default: 'held-out',
      doc:
        'scores come from images held out of the training files, ' +
        'or from test_batch.bin (choosing networks by it leaves no honest test)',
    },
    ...limitParams,
  },
  labelPreserving: { flip: true, crop: true },
  async load(params, { baseFolder }) {
    const folder = await resolveFolder(baseFolder, params.folder, 'cifar-10-batches-bin');
    const testFile = 'test_batch.bin';
    await checkUnreadFile(join(folder, testFile), format);
    const train = await readCifar(folder, trainFiles, format);
    const validation =
      params['validate-on'] === 'test' ? await readCifar(folder, [testFile], format) : undefined;
    const classes = await readClassNames(join(folder, 'batches.meta.txt'), format.classes, names);
    const test =
      validation === undefined && (await exists(join(folder, testFile)))
        ? () => readCifar(folder, [testFile], format)
        : undefined;
    return limitSplits('cifar10', { classes, train, validation, test }, params);
  },
});
