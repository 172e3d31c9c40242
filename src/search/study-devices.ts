/**
 * A study whose candidates are measured on several devices, one objective per device key: the front of each
 * device, the candidates that are on all of them, and the regret of the others. Values of different keys
 * never share a ranking.
 */
import { type DeviceStanding, deviceFronts } from '../analysis/pareto/device-fronts.js';
import { UserError } from '../util/errors.js';
import type { Evaluated } from './history.js';
import type { SearchObjective } from './objective.js';
import type { Study } from './study.js';

export interface StudyDevices {
  /** Name of the objective that is the same on every device. */
  readonly score: string;
  /** Names of two or more objectives, one per device: `['latencyMs on cpu', 'latencyMs on gpu']`. */
  readonly costs: readonly string[];
}

/** `costs`, `onFront` and `regret` are by device, in the order given; `id` is the key of the candidate. */
export type StudyStanding<V> = Omit<DeviceStanding, 'layout'> & {
  readonly candidate: Evaluated<V>['candidate'];
};

/**
 * Feasible candidates that are on the front of some device, robust ones first, then by their largest regret.
 * @throws UserError for a name that is no objective, fewer than two devices, or devices of unequal direction
 * @example studyDevices(study, { score: 'accuracy', costs: ['latencyMs on cpu', 'latencyMs on gpu'] })
 */
export function studyDevices<V>(study: Study<V>, { score, costs }: StudyDevices): StudyStanding<V>[] {
  const { objectives } = study.settings;
  const own = axisOf(score, objectives);
  const axes = costs.map((name) => axisOf(name, objectives));
  const [first] = axes;
  if (first === undefined || axes.length < 2)
    throw new UserError(`search: devices need two costs or more, got ${axes.length}`);
  const odd = axes.find(({ better }) => better !== first.better);
  if (odd)
    throw new UserError(
      'search: costs of devices must have one direction, ' +
        `got ${first.name} (${first.better}) and ${odd.name} (${odd.better})`,
    );
  const feasible = study.history.evaluated.filter(({ violation }) => violation === 0);
  const byKey = new Map(feasible.map(({ candidate }) => [candidate.key, candidate]));
  const networks = feasible.map((entry) => ({
    id: entry.candidate.key,
    layout: '',
    score: own.read(entry),
    costs: axes.map((axis) => axis.read(entry)),
  }));
  return deviceFronts(networks, own.better, first.better).map(({ layout: _unused, ...standing }) => ({
    ...standing,
    candidate: byKey.get(standing.id)!,
  }));
}

/** An objective with its value, in its own unit and direction. */
function axisOf(name: string, objectives: readonly SearchObjective[]) {
  const axis = objectives.findIndex((objective) => objective.name === name);
  if (axis < 0)
    throw new UserError(`search: must be an objective of the study, got ${JSON.stringify(name)}`, {
      fix: objectives.map((objective) => objective.name).join(', '),
    });
  const { better } = objectives[axis]!;
  const read = ({ costs }: Evaluated): number => (better === 'higher' ? -costs[axis]! : costs[axis]!);
  return { name, better, read };
}
