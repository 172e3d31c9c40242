/**
 * Runs a search on a table, with a simulated clock and simulated workers: an evaluation ends after its
 * seconds, workers take the next trial as soon as they are free, and equal end times are served in the order
 * of the trials. A day of training takes seconds, and every run repeats exactly.
 */
import { frontIndices } from '../../util/pareto/front.js';
import { hypervolumeImprovement, referencePoint } from '../../util/pareto/hypervolume.js';
import type { SearchEvent } from '../history.js';
import { type SearchObjective, toCostVector } from '../objective.js';
import { Study, type StudySettings } from '../study.js';
import { type BenchmarkTable, evaluateFromTable } from './benchmark-table.js';

export interface SimulationSettings extends Omit<StudySettings<readonly number[]>, 'space' | 'onEvent'> {
  readonly table: BenchmarkTable;
  /** Simulated workers; default 1. */
  readonly workers?: number;
  /** Default `mean`. */
  readonly scores?: 'mean' | 'seeds';
  readonly onEvent?: (event: SearchEvent) => void;
}

export interface SimulationPoint {
  /** Trials answered so far. */
  readonly trials: number;
  /** Sum of the evaluations' seconds. */
  readonly computeSeconds: number;
  /** Simulated clock. */
  readonly clockSeconds: number;
  readonly hypervolume: number;
}

export interface Simulation {
  readonly study: Study<readonly number[]>;
  /** One point per answer, in order of arrival. */
  readonly curve: readonly SimulationPoint[];
}

/** Every network of the table with its mean costs: what a search can reach at best. */
export function tableTruth(
  table: BenchmarkTable,
  objectives: readonly SearchObjective[],
): {
  readonly front: readonly (readonly number[])[];
  readonly reference: readonly number[];
  readonly all: readonly (readonly number[])[];
} {
  const all = [...table.space.enumerate()].map((candidate) =>
    toCostVector(
      evaluateFromTable(table, candidate, { replicate: 1, fidelity: 1 }, { scores: 'mean' }).values,
      objectives,
    ),
  );
  const front = frontIndices(all).map((index) => all[index]!);
  return { front, reference: referencePoint(all), all };
}

/** @param reference costs; default that of the whole table */
export function simulateSearch(
  settings: SimulationSettings,
  reference: readonly number[] = tableTruth(settings.table, settings.objectives).reference,
): Simulation {
  const { table, workers = 1, scores = 'mean' } = settings;
  const study = new Study({ ...settings, space: table.space });
  const running: {
    trial: number;
    ends: number;
    values: Readonly<Record<string, number>>;
    seconds: number;
  }[] = [];
  const curve: SimulationPoint[] = [];
  const meanCosts = new Map<string, readonly number[]>();
  let front: (readonly number[])[] = [];
  let [clock, compute, hypervolume, more] = [0, 0, 0, true];
  for (;;) {
    while (more && running.length < workers) {
      const trial = study.ask();
      if (!trial) {
        more = false;
        break;
      }
      const { values, seconds } = evaluateFromTable(table, trial.candidate, trial, { scores });
      running.push({ trial: trial.number, ends: clock + seconds, values, seconds });
    }
    if (running.length === 0) break;
    running.sort((a, b) => a.ends - b.ends || a.trial - b.trial);
    const { trial, ends, values, seconds } = running.shift()!;
    clock = ends;
    compute += seconds;
    const { candidate, fidelity } = study.tell(trial, values, seconds);
    if (fidelity === 1 && !meanCosts.has(candidate.key)) {
      // Judged by the mean over the table's seeds, whatever the search saw.
      const truth = evaluateFromTable(table, candidate, { replicate: 1, fidelity: 1 }, { scores: 'mean' });
      const costs = toCostVector(truth.values, settings.objectives);
      meanCosts.set(candidate.key, costs);
      const gain = hypervolumeImprovement(costs, front, reference);
      if (gain > 0) {
        hypervolume += gain;
        front = [...front.filter((other) => !costs.every((cost, axis) => cost <= other[axis]!)), costs];
      }
    }
    curve.push({ trials: curve.length + 1, computeSeconds: compute, clockSeconds: clock, hypervolume });
  }
  return { study, curve };
}
