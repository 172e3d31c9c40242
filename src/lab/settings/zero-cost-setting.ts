/** `zero-cost measures(…)`: scores of the untrained networks, on one batch of the training images. */

import { type ZeroCostName, zeroCostMeasures, zeroCostNames } from '../../train/zero-cost/zero-cost-table.js';
import { nameHint } from '../../util/nearest-name.js';
import type { ParamTable } from '../../util/params.js';
import { readCall, termItems, termText } from './read-terms.js';
import { callDocs, type Setting } from './setting.js';

export interface ZeroCostSetting {
  readonly measures: readonly ZeroCostName[];
  /** Images of the batch. */
  readonly batch: number;
  readonly seed: number;
}

const zeroCostParams = {
  batch: { kind: 'int', min: 2, max: 4096, default: 32, doc: 'images of the one batch that is used' },
  seed: {
    kind: 'int',
    min: 0,
    max: 0xffffffff,
    default: 1,
    doc: 'seed of initial weights, of the batch, and of random measures',
  },
} as const satisfies ParamTable;

export const zeroCostSetting: Setting<ZeroCostSetting> = {
  keyword: 'zero-cost',
  summary:
    'scores of untrained networks: measures(of: all) or measures(of: ' +
    `{${zeroCostNames.slice(0, 2).join(', ')}}, batch: 32, seed: 1)`,
  example: 'zero-cost  measures(of: all)',
  reference:
    'Default: none. `of` is `all`, one measure or a set; `npx stagecraft score --list` lists the measures.',
  calls: { measures: zeroCostParams },
  callDocs: { measures: 'the scores named in `of`, all of them by default' },
  words: callDocs(zeroCostMeasures),
  needs: 'train',
  read(source, { diagnostics }) {
    const read = source && readCall(source, { measures: zeroCostParams }, diagnostics, { others: ['of'] });
    if (!read) return undefined;
    const of = read.call.args.find(({ name }) => name === 'of')?.value;
    const isAll = !of || (of.kind === 'text' && of.value === 'all');
    const items = isAll ? [] : termItems(of);
    const unknown = items.filter((item) => !zeroCostNames.includes(termText(item) as ZeroCostName));
    for (const item of unknown)
      diagnostics.error(
        item.span,
        `zero-cost: a measure must be a known one, got ${JSON.stringify(termText(item))}`,
        nameHint(termText(item), zeroCostNames),
      );
    if (unknown.length > 0) return undefined;
    return {
      measures: isAll ? zeroCostNames : [...new Set(items.map((item) => termText(item) as ZeroCostName))],
      batch: Number(read.values.batch),
      seed: Number(read.values.seed),
    };
  },
  meaning: (zeroCost) => (zeroCost ? { zeroCost } : {}),
};
