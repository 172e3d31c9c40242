/** `data_split`: the splits of each data set, by its hash. */
import type { SplitRecord } from '../../data/dataset.js';
import { count, oneOf, text } from '../damage/column.js';
import { soundRows, tableSchema } from '../damage/sound-rows.js';
import { execute, queryBuilder, type Store } from '../store.js';

export interface DataSplitTable {
  dataset_hash: string;
  split: SplitRecord['split'];
  count: number;
  hash: string;
}

export const dataSplitSchema = tableSchema('data_split', ['dataset_hash', 'split'], {
  dataset_hash: text,
  split: oneOf('train', 'validation', 'test'),
  count,
  hash: text,
});

const db = queryBuilder<{ data_split: DataSplitTable }>();

/** Does nothing if the split is stored. */
export function insertDataSplit(
  store: Store,
  datasetHash: string,
  { split, count, hash }: SplitRecord,
): void {
  execute(
    store,
    db
      .insertInto('data_split')
      .values({ dataset_hash: datasetHash, split, count, hash })
      .onConflict((conflict) => conflict.columns(['dataset_hash', 'split']).doNothing()),
  );
}

/** In the order train, validation, test. */
export function dataSplits(store: Store, datasetHash: string): SplitRecord[] {
  const order = ['train', 'validation', 'test'];
  const query = db.selectFrom('data_split').selectAll().where('dataset_hash', '=', datasetHash);
  return soundRows(store, query, dataSplitSchema)
    .map(({ split, count, hash }) => ({ split, count, hash }))
    .sort((a, b) => order.indexOf(a.split) - order.indexOf(b.split));
}
