/** What a search optimises: objectives with a direction, hard constraints with a bound. */

export interface SearchObjective {
  readonly name: string;
  readonly better: 'higher' | 'lower';
  /** Evaluating it is free: the space knows its exact value (parameters, MACs). Default false. */
  readonly exact?: boolean;
}

/** A candidate is feasible when every constrained quantity is at most (or at least) its bound. */
export interface Constraint {
  readonly name: string;
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** Objective values as costs, lower is better in each. */
export const toCostVector = (
  values: Readonly<Record<string, number>>,
  objectives: readonly SearchObjective[],
): number[] => objectives.map(({ name, better }) => (better === 'higher' ? -values[name]! : values[name]!));

/** By how much the bounds are exceeded, each as a fraction of its bound; 0 for a feasible candidate. */
export function violation(
  values: Readonly<Record<string, number>>,
  constraints: readonly Constraint[],
): number {
  let sum = 0;
  for (const { name, atMost, atLeast } of constraints) {
    const value = values[name];
    if (value === undefined) continue;
    if (atMost !== undefined && value > atMost) sum += (value - atMost) / Math.max(Math.abs(atMost), 1e-12);
    if (atLeast !== undefined && value < atLeast)
      sum += (atLeast - value) / Math.max(Math.abs(atLeast), 1e-12);
  }
  return sum;
}
