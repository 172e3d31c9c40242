/**
 * Definition of a data set: its name in experiment files, its parameters, and how it is loaded. To add one,
 * write its file, a line in `dataset-table.ts` and a line of documentation; tests loop over the table.
 */

import type { ParamsOf, ParamTable } from '../util/params.js';
import type { ImageSet } from './dataset.js';

/** The splits as loaded, before statistics and hash. */
export interface Splits {
  /** At least two, in the order of the labels. */
  readonly classes: readonly string[];
  readonly train: ImageSet;
  readonly validation: ImageSet;
  /** Loads the test split, which selection never uses; absent where there is none. */
  readonly test?: () => Promise<ImageSet>;
}

/** Augmentations that keep the label of every image of the set valid. */
export interface LabelPreserving {
  /** Mirrored left to right. */
  readonly flip: boolean;
  /** Padded by zeros and cropped at a random place. */
  readonly crop: boolean;
}

export interface DatasetDefinition<P extends ParamTable = ParamTable> {
  /** Its name in experiment files. */
  readonly name: string;
  /** Contents, in one line. */
  readonly doc: string;
  readonly params: P;
  readonly labelPreserving: LabelPreserving;
  /**
   * @param place `baseFolder`: absolute; paths among the parameters are relative to it
   * @throws UserError naming the file and byte, or what is missing
   */
  load(params: ParamsOf<P>, place: { readonly baseFolder: string }): Promise<Splits>;
}

/** Keeps the literal types of `params`, so that `load` sees each value's type. */
export function defineDataset<const P extends ParamTable>(
  definition: DatasetDefinition<P>,
): DatasetDefinition<P> {
  return definition;
}

/** Parameters of every loader of files; `limitSplits` applies them. */
export const limitParams = {
  train: {
    kind: 'int',
    min: 0,
    max: 100_000_000,
    default: 0,
    doc: 'training images, drawn balanced over the classes; 0 for all',
  },
  validation: {
    kind: 'int',
    min: 0,
    max: 100_000_000,
    default: 0,
    doc: 'validation images; 0 for all of that part, or a tenth of the training images where there is none',
  },
  test: {
    kind: 'int',
    min: 0,
    max: 100_000_000,
    default: 0,
    unsaidDefault: true,
    doc: 'images set aside before all else, where the set has no test part of its own; 0: none',
  },
  seed: { kind: 'int', min: 0, max: 0xffffffff, default: 1, doc: 'decides which images are drawn' },
} as const satisfies ParamTable;
