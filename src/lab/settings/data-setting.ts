/** `data NAME(…)`: the data set that networks are trained and scored on. */
import { datasets, describeCall } from '../../data/dataset-table.js';
import type { ParamValues } from '../../util/params.js';
import { readCall } from './read-terms.js';
import { callDocs, callTables, type Setting } from './setting.js';

export interface DataSetting {
  readonly dataset: { readonly name: string; readonly args: ParamValues };
  /** Canonical call, e.g. `motif(train: 4000, validation: 1000, seed: 1)`. */
  readonly datasetName: string;
}

export const datasetCalls = callTables(datasets);

export const dataSetting: Setting<DataSetting> = {
  keyword: 'data',
  summary: 'data set to train on',
  example: 'data  motif(train: 4000, validation: 1000, seed: 1)',
  reference:
    'Required by `train`. Paths are relative to the experiment file. `src/data/README.md` has more on each.',
  calls: datasetCalls,
  callDocs: callDocs(datasets),
  needs: 'train',
  read(source, { diagnostics }) {
    const read = source && readCall(source, datasetCalls, diagnostics);
    return (
      read && {
        dataset: { name: read.call.name, args: read.values },
        datasetName: describeCall(read.call.name, read.values),
      }
    );
  },
  meaning: (data) => ({ dataset: data?.datasetName }),
};
