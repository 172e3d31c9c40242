/**
 * A table of published results: every network of a small space with its scores, costs and training times. A
 * search on it costs nothing, so strategies can be compared over many seeds.
 */
import type { Candidate, SearchSpace } from '../candidate.js';

/** One training of a network: final values, and those after a part of the training. */
export interface TableRun {
  readonly values: Readonly<Record<string, number>>;
  /** Seconds of the whole training; undefined where the table has no times. */
  readonly seconds?: number;
  /** Values after shares of the training, ascending in share. */
  readonly curve?: readonly { readonly share: number; readonly values: Readonly<Record<string, number>> }[];
}

export interface BenchmarkTable {
  readonly name: string;
  /** URL, and licence. */
  readonly source: string;
  readonly space: SearchSpace<readonly number[]>;
  /** Quantities of the table with their better direction. */
  readonly quantities: Readonly<Record<string, 'higher' | 'lower'>>;
  /** Trainings of a network, one per seed. */
  runs(candidate: Candidate<readonly number[]>): readonly TableRun[];
}

export interface TableAnswer {
  readonly values: Readonly<Record<string, number>>;
  readonly seconds: number;
}

export interface EvaluationOptions {
  /** `mean`: every replicate answers the mean over the table's seeds; `seeds`: replicate k answers seed k. */
  readonly scores: 'mean' | 'seeds';
}

/**
 * Answers as an evaluator would. Without times in the table an evaluation takes one second per unit of
 * fidelity. A replicate beyond the table's seeds wraps around.
 */
export function evaluateFromTable(
  table: BenchmarkTable,
  candidate: Candidate<readonly number[]>,
  request: { readonly replicate: number; readonly fidelity: number },
  { scores }: EvaluationOptions,
): TableAnswer {
  const runs = table.runs(candidate);
  const used = scores === 'mean' ? runs : [runs[(request.replicate - 1) % runs.length]!];
  const at = used.map((run) => valuesAt(run, request.fidelity));
  const values: Record<string, number> = {};
  for (const name of Object.keys(at[0]!))
    values[name] = at.reduce((sum, one) => sum + one[name]!, 0) / at.length;
  const seconds = used.reduce((sum, run) => sum + (run.seconds ?? 1), 0) / used.length;
  return { values, seconds: seconds * request.fidelity };
}

/** Values at the last point of the curve that the fidelity reaches; the final ones without a curve. */
function valuesAt(run: TableRun, fidelity: number): Readonly<Record<string, number>> {
  if (fidelity >= 1 || run.curve === undefined) return run.values;
  const reached = run.curve.filter(({ share }) => share <= fidelity + 1e-9).at(-1) ?? run.curve[0];
  return reached ? { ...run.values, ...reached.values } : run.values;
}
