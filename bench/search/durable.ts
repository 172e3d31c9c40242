/**
 * What a search costs besides its evaluations, every question and answer durable in a database file: a whole table,
 * and the time per trial at the beginning and at the end of a long search. `--searches a,b` runs some only.
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { tableSearch } from '../../src/lab/search/table-search.js';
import { type StrategyName, strategies } from '../../src/search/strategy-table.js';
import type { BenchmarkTable } from '../../src/search/tables/benchmark-table.js';
import { plantedTable } from '../../src/search/tables/planted-table.js';
import { readTable, usualObjectives } from '../../src/search/tables/read-table.js';
import { openStore } from '../../src/store/open-store.js';
import type { Bench } from '../benchmark.js';

interface Measured {
  readonly trials: number;
  readonly seconds: number;
  /** Milliseconds per trial of the first and the last tenth: on the clock, and of the processor. */
  readonly first: readonly [wall: number, cpu: number];
  readonly last: readonly [wall: number, cpu: number];
  /** To read the log and rebuild the strategy. */
  readonly resumeMs: number;
  readonly megabytes: number;
}

async function measure(table: BenchmarkTable, name: StrategyName, trials: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'stagecraft-durable-'));
  const file = join(folder, 'search.sqlite');
  const marks: { readonly wall: number; readonly cpu: number }[] = [];
  const mark = (): void => {
    const { user, system } = process.cpuUsage();
    marks.push({ wall: performance.now(), cpu: (user + system) / 1000 });
  };
  const settings = { strategy: strategies[name], objectives: usualObjectives(table), seed: 1 };
  const run = async (): Promise<void> => {
    const store = openStore(file);
    try {
      await tableSearch(store, {
        table,
        settings,
        budget: { trials },
        signal: new AbortController().signal,
        now: () => new Date().toISOString(),
        onAnswer: mark,
      });
    } finally {
      store.close();
    }
  };
  try {
    mark();
    await run();
    const tenth = Math.floor(marks.length / 10);
    const perTrial = (from: number, to: number): [number, number] => [
      (marks[to]!.wall - marks[from]!.wall) / (to - from),
      (marks[to]!.cpu - marks[from]!.cpu) / (to - from),
    ];
    const answered = marks.length - 1;
    const measured = {
      trials: answered,
      seconds: (marks[answered]!.wall - marks[0]!.wall) / 1000,
      first: perTrial(0, tenth),
      last: perTrial(answered - tenth, answered),
      megabytes: statSync(file).size / 1e6,
    };
    const start = performance.now();
    await run();
    return { ...measured, resumeMs: performance.now() - start };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const durableBench = {
  summary: 'overhead of a search per trial with durable rows, and a whole table (--table FILE)',
  needsEngine: false,
  onlyByName: true,
  async run({ quick, table: file, searches, note }) {
    const whole = file ? readTable(readFileSync(file, 'utf8'), basename(file)) : plantedTable({ seed: 1 });
    const large = plantedTable({ seed: 1, genes: 24, choices: 4 });
    const cases: readonly (readonly [BenchmarkTable, StrategyName, number])[] = [
      [whole, 'exhaustive', Number(whole.space.size)],
      ...(['uniform', 'nsga2', 'regularized-evolution', 'tpe', 'predictor'] as const).map(
        (name) => [large, name, quick ? 1000 : 100_000] as const,
      ),
    ];
    const rows: string[][] = [];
    for (const [table, name, trials] of cases) {
      if (searches && !searches.includes(name)) continue;
      note(`${table.name}, ${name}, ${trials} trials`);
      const { first, last, seconds, resumeMs, megabytes, ...measured } = await measure(table, name, trials);
      const pair = ([wall, cpu]: readonly [number, number]): string =>
        `${wall.toFixed(2)} (${cpu.toFixed(2)})`;
      rows.push([
        table.name,
        name,
        String(measured.trials),
        seconds.toFixed(1),
        pair(first),
        pair(last),
        resumeMs.toFixed(0),
        megabytes.toFixed(1),
      ]);
    }
    return [
      {
        title: 'Durable search, one worker, evaluation by look-up',
        columns: [
          'table',
          'strategy',
          'trials',
          's',
          'ms a trial, first tenth (CPU)',
          'last tenth (CPU)',
          'resume ms',
          'MB',
        ],
        rows,
        notes: ['limits: 5 ms a trial, flat; 30 s for the 6,561 networks of NAS-Bench-Macro'],
      },
    ];
  },
} as const satisfies Bench;
