/**
 * A search on a planted table in a process of its own, to be killed: `node table-search-child.mjs DATABASE STRATEGY
 * WORKERS TRIALS DELAY_MS`. Prints a line per answered trial. Needs the build.
 */

import { tableSearch } from '../../../dist/lab/search/table-search.js';
import { strategies } from '../../../dist/search/strategy-table.js';
import { plantedTable } from '../../../dist/search/tables/planted-table.js';
import { usualObjectives } from '../../../dist/search/tables/read-table.js';
import { openStore } from '../../../dist/store/open-store.js';
import { seededRandom } from '../../../dist/util/random.js';

const [file, name, workers, trials, delayMs] = process.argv.slice(2);
const table = plantedTable({ seed: 1 });
const strategy = strategies[name];
const delays = seededRandom(process.pid);
const store = openStore(file);
await tableSearch(store, {
  table,
  settings: { strategy, objectives: usualObjectives(table).slice(0, strategy.mostObjectives), seed: 7 },
  budget: { trials: Number(trials) },
  workers: Number(workers),
  delayMs: () => Number(delayMs) * delays.next(),
  signal: new AbortController().signal,
  now: () => new Date().toISOString(),
  onAnswer: () => process.stdout.write('.\n'),
});
store.close();
