/** `workers trainings(…)`: trainings side by side; decides the speed of a run, not its results. */
import { availableParallelism } from 'node:os';
import type { ParamTable } from '../../util/params.js';
import { mostThreads } from './profile-setting.js';
import { readCall } from './read-terms.js';
import type { Setting } from './setting.js';

export interface WorkersSetting {
  /** Trainings side by side. */
  readonly trainings: number;
  /** Of each training. */
  readonly threads: number;
  /** Threads of each training that load batches ahead. */
  readonly loaders: number;
}

const workerParams = {
  count: {
    kind: 'int',
    min: 0,
    max: mostThreads,
    default: 0,
    doc: 'trainings side by side; 0 for the number of cores over threads',
  },
  threads: {
    kind: 'int',
    min: 1,
    max: mostThreads,
    default: 1,
    doc: 'threads of each training; 1 makes them repeatable bit for bit and has the highest total throughput',
  },
  loaders: {
    kind: 'int',
    min: 0,
    max: 64,
    default: 1,
    doc: 'threads of each training that load batches ahead; 0: batches are loaded between steps',
  },
} as const satisfies ParamTable;

export const workersSetting: Setting<WorkersSetting> = {
  keyword: 'workers',
  summary: 'how many trainings run side by side: trainings(count: 2, threads: 1)',
  example: 'workers  trainings(count: 2, threads: 1)',
  reference:
    'Decides the speed of a run, not its results, and is not part of the hash. ' +
    'A search proposes with that many trials under way.',
  calls: { trainings: workerParams },
  read(source, { diagnostics }) {
    const read = source && readCall(source, { trainings: workerParams }, diagnostics);
    const { count, threads, loaders } = read?.values ?? { count: 0, threads: 1, loaders: 1 };
    return {
      threads: Number(threads),
      loaders: Number(loaders),
      trainings: Number(count) || Math.max(1, Math.floor(availableParallelism() / Number(threads))),
    };
  },
  meaning: () => ({}),
};
