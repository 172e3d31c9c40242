/**
 * What the plan of an experiment can tell, from the scatter that a stored result measured, else from
 * defaults.
 */
import { type Score, scoreAmong } from '../analysis/objectives/result-score.js';
import {
  defaultScatter,
  measuredScatter,
  type PowerCheck,
  type PowerPlan,
  powerCheck,
  type Scatter,
} from '../analysis/summary/power-check.js';
import { layoutOf, symmetryOf } from '../architecture/layout.js';
import type { ExperimentResult } from '../store/experiment-result.js';
import type { Experiment } from './experiment.js';

export interface PlanPower {
  readonly plan: PowerPlan;
  readonly score: Score;
  readonly check: PowerCheck;
  readonly scatter: Partial<Scatter>;
  /** Parts of the scatter that are defaults; the others are measured. */
  readonly defaults: readonly (keyof Scatter)[];
}

/** @param stored a result of the same or an earlier version of the experiment */
export function planPower(experiment: Experiment, stored?: ExperimentResult): PlanPower {
  const kinds = experiment.architectures.map((architecture) => symmetryOf(layoutOf(architecture)));
  const count = (kind: (typeof kinds)[number]): number => kinds.filter((each) => each === kind).length;
  const plan = {
    symmetric: count('symmetric'),
    asymmetric: count('asymmetric'),
    unmixed: count('unmixed'),
    seeds: experiment.train?.seeds.length ?? 0,
    launches: experiment.profile?.launches ?? 0,
  };
  const score = scoreAmong(experiment.objectives, []);
  const measured = stored ? measuredScatter(stored, score) : {};
  // Defaults are known for times and for top-1 alone.
  const defaults: Partial<Scatter> =
    score.name === 'top-1' ? defaultScatter : { launches: defaultScatter.launches };
  const scatter: Partial<Scatter> = { ...defaults, ...measured };
  const { layouts, seeds, launches = defaultScatter.launches } = scatter;
  const known = layouts !== undefined && seeds !== undefined;
  return {
    plan,
    score,
    scatter,
    check: powerCheck(known ? plan : { ...plan, seeds: 0 }, {
      layouts: layouts ?? 0,
      seeds: seeds ?? 0,
      launches,
    }),
    defaults: (Object.keys(defaults) as (keyof Scatter)[]).filter((name) => measured[name] === undefined),
  };
}
