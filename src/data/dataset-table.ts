/**
 * All data sets by name, and loading one by its call in an experiment file. In: a call. Out: a `Dataset`.
 * Callers: training, zero-cost scores, evaluation, and the lab's checks before a run.
 */

import { UserError } from '../util/errors.js';
import type { ParamsOf, ParamTable, ParamValue, ParamValues } from '../util/params.js';
import { paramProblem } from '../util/params.js';
import type { AugmentationRecipe } from './augment/augmentation-recipe.js';
import type { Dataset, ResolvedDatasetCall } from './dataset.js';
import type { DatasetDefinition } from './dataset-definition.js';
import { cifar10 } from './formats/cifar10.js';
import { cifar100 } from './formats/cifar100.js';
import { idx } from './formats/idx.js';
import { imageFolder } from './formats/image-folder.js';
import { maskFolder } from './formats/mask-folder.js';
import { shards } from './formats/shards.js';
import { keyed } from './generated/keyed.js';
import { motif } from './generated/motif.js';
import { pair } from './generated/pair.js';
import { select } from './generated/select.js';
import { finishDataset, streamStatistics } from './images/image-set.js';

export const datasets = {
  cifar10,
  cifar100,
  idx,
  folder: imageFolder,
  shards,
  masks: maskFolder,
  motif,
  select,
  pair,
  keyed,
} satisfies Record<string, DatasetDefinition>;

export type DatasetName = keyof typeof datasets;

function definitionOf(name: string): DatasetDefinition {
  if (!Object.hasOwn(datasets, name)) {
    throw new UserError(
      `data: data set must be one of ${Object.keys(datasets).join(', ')}, got ${JSON.stringify(name)}`,
    );
  }
  return datasets[name as DatasetName];
}

/**
 * All parameters of a call, defaults filled in, in the order of the table.
 * @throws UserError for an unknown data set or parameter, a value out of its range, a required parameter that
 * is missing
 */
export function completeArgs(name: string, args: Readonly<Record<string, ParamValue>>): ParamValues {
  const { params } = definitionOf(name);
  const unknown = Object.keys(args).find((key) => !Object.hasOwn(params, key));
  if (unknown !== undefined)
    throw new UserError(
      `${name}: parameter must be one of ${Object.keys(params).join(', ')}, got ${JSON.stringify(unknown)}`,
    );
  return Object.fromEntries(
    Object.entries(params).map(([key, spec]) => {
      const value = args[key] ?? spec.default;
      if (value === undefined) throw new UserError(`${name}: ${key} must be given (${spec.doc})`);
      const problem = paramProblem(key, spec, value);
      if (problem !== undefined) throw new UserError(`${name}: ${problem}`);
      return [key, value];
    }),
  );
}

/**
 * `motif(train: 4000, validation: 1000, seed: 1)`: the call with every parameter, texts quoted, but for
 * defaults that go unsaid.
 */
export function describeCall(name: string, params: ParamValues): string {
  const specs: ParamTable = definitionOf(name).params;
  return `${name}(${Object.entries(params)
    .filter(([key, value]) => !specs[key]?.unsaidDefault || value !== specs[key].default)
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? JSON.stringify(value) : value}`)
    .join(', ')})`;
}

/**
 * Loads or generates the data set of a call.
 * @throws UserError naming the file and byte, the parameter, or what is missing
 */
export async function loadDataset(call: ResolvedDatasetCall): Promise<Dataset> {
  const params = completeArgs(call.name, call.args);
  // completeArgs has checked them against the table; the cast states it in types
  const splits = await definitionOf(call.name).load(params as ParamsOf<ParamTable>, {
    baseFolder: call.baseFolder,
  });
  return finishDataset(
    call.name,
    describeCall(call.name, params),
    splits,
    ...(splits.train.stream ? [await streamStatistics(splits.train)] : []),
  );
}

/** One line for each augmentation of the recipe that invalidates labels of this data set. */
export function augmentationWarnings(name: string, recipe: AugmentationRecipe): string[] {
  const { labelPreserving: keepsLabels } = definitionOf(name);
  const { flip, crop, resizedCrop, randaugment } = recipe;
  return [
    ...(flip && !keepsLabels.flip
      ? [`${name}: flip changes what some images show, so labels become wrong, got flip: true`]
      : []),
    ...(crop > 0 && !keepsLabels.crop
      ? [`${name}: crop can cut away what the label depends on, got crop: ${crop}`]
      : []),
    ...(resizedCrop !== undefined && !keepsLabels.crop
      ? [`${name}: resized-crop can cut away what the label depends on, got resized-crop: ${resizedCrop}`]
      : []),
    ...(randaugment !== undefined && !(keepsLabels.flip && keepsLabels.crop)
      ? [
          `${name}: RandAugment turns and moves what the label depends on, got randaugment: ` +
            `${randaugment.operations}`,
        ]
      : []),
  ];
}
