/**
 * Checks before training that the data loads, fits the networks, and equals the data of earlier trainings.
 */

import type { Dataset } from '../../data/dataset.js';
import { loadDataset } from '../../data/dataset-table.js';
import { splitRecord } from '../../data/images/image-set.js';
import type { Store } from '../../store/store.js';
import { dataSplits, insertDataSplit } from '../../store/tables/data-split-table.js';
import { lastTrainings } from '../../store/tables/training-table.js';
import { taskProblem } from '../../train/recipe/task-problem.js';
import { UserError } from '../../util/errors.js';
import type { Experiment } from '../experiment.js';

/**
 * The data of an experiment, opened and compared with its networks; undefined without training.
 * @throws UserError naming file and byte where data is malformed, or what does not fit
 */
export async function openData(experiment: Experiment): Promise<Dataset | undefined> {
  if (!experiment.train) return undefined;
  const { name, args } = experiment.train.dataset;
  const dataset = await loadDataset({ name, args, baseFolder: experiment.baseFolder });
  const { height, width, channels } = dataset.train;
  const first = experiment.search?.space.first();
  for (const architecture of first ? [first] : experiment.architectures) {
    const { input, classes } = architecture;
    if (input.height !== height || input.width !== width || input.channels !== channels) {
      throw new UserError(
        `data: ${name} has images of ${height}x${width}x${channels}, ` +
          `the networks take ${input.height}x${input.width}x${input.channels}`,
        { fix: `input ${height}x${width}x${channels} in the space file` },
      );
    }
    if (classes !== dataset.classes.length) {
      throw new UserError(
        `data: ${name} has ${dataset.classes.length} classes, the networks have ${classes}`,
        { fix: `classes ${dataset.classes.length} in the space file` },
      );
    }
    const problem = taskProblem(architecture, dataset, experiment.train.recipe);
    if (problem !== undefined) throw new UserError(`train: ${problem}`);
  }
  return dataset;
}

/** @throws UserError as `openData`, and where the data differs from that of earlier trainings */
export async function checkData(experiment: Experiment, store: Store): Promise<Dataset | undefined> {
  const dataset = await openData(experiment);
  if (!dataset) return undefined;
  const earlier = lastTrainings(store, experiment.id).find(
    (row) => row.status === 'ok' && row.dataset_hash !== dataset.hash,
  );
  if (earlier) {
    throw new UserError(
      `data: the data has changed since this experiment's earlier trainings in ${store.file} (hash ` +
        `${earlier.dataset_hash.slice(0, 12)}, now ${dataset.hash.slice(0, 12)})`,
      {
        fix:
          'put the data back, or run into a new database with --db; ' +
          'scores on different data are not comparable',
      },
    );
  }
  const known = new Set(dataSplits(store, dataset.hash).map(({ split }) => split));
  if (dataset.test && !known.has('test'))
    insertDataSplit(store, dataset.hash, splitRecord('test', await dataset.test())); // hashed, not scored
  return dataset;
}
