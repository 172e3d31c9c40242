/**
 * A search on a table of published results with a durable log: what a search on networks does, without an
 * engine.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchmarkTable, evaluateFromTable } from '../../search/tables/benchmark-table.js';
import { recordExperiment } from '../../store/record-results.js';
import type { Store } from '../../store/store.js';
import { canonicalJson, textHash } from '../../util/canonical-json.js';
import {
  type DurableSearchOptions,
  durableSearch,
  type Evaluate,
  type SearchOutcome,
} from './durable-search.js';
import { openSearchLog } from './search-log.js';

type Genes = readonly number[];

export interface TableSearchOptions
  extends Pick<DurableSearchOptions<Genes>, 'budget' | 'signal' | 'onAnswer'> {
  readonly table: BenchmarkTable;
  readonly settings: Omit<DurableSearchOptions<Genes>['settings'], 'space'>;
  /** Default 1. */
  readonly workers?: number;
  /** Default `seeds`: replicate k answers the table's seed k. */
  readonly scores?: 'mean' | 'seeds';
  /** Milliseconds that an evaluation waits before it answers; default none. */
  readonly delayMs?: (trial: number) => number;
  /** Default: the table answers. */
  readonly evaluate?: Evaluate<Genes>;
  /** ISO 8601, UTC. */
  readonly now: () => string;
}

/** What makes two table searches the same one. */
export const tableSearchId = ({ table, settings, budget }: TableSearchOptions): string =>
  textHash(
    canonicalJson({
      table: table.name,
      strategy: settings.strategy.name,
      params: settings.params ?? {},
      seed: settings.seed,
      objectives: settings.objectives,
      constraints: settings.constraints ?? [],
      budget,
    }),
  );

/** Continues the search where the store's log of it ends. @param store open for writing */
export async function tableSearch(store: Store, options: TableSearchOptions): Promise<SearchOutcome<Genes>> {
  const { table, settings, workers = 1, scores = 'seeds', delayMs, now } = options;
  const id = tableSearchId(options);
  recordExperiment(
    store,
    {
      id,
      name: table.name,
      text: '',
      space_text: table.source,
      space_count: String(table.space.size ?? 0),
      dataset_name: '',
      protocol: '{}',
      recipe: '{}',
      objectives: JSON.stringify(settings.objectives.map(({ name }) => name)),
      created_at: now(),
    },
    [],
    [],
  );
  const fromTable: Evaluate<Genes> = async (candidate, trial, signal) => {
    const delay = delayMs?.(trial.number) ?? 0;
    if (delay > 0) await sleep(delay, undefined, { signal });
    return evaluateFromTable(table, candidate, trial, { scores });
  };
  return durableSearch({
    settings: { ...settings, space: table.space },
    budget: options.budget,
    workers,
    log: openSearchLog(store, id, now),
    evaluate: options.evaluate ?? fromTable,
    signal: options.signal,
    ...(options.onAnswer && { onAnswer: options.onAnswer }),
  });
}
