/**
 * Brings the arms of an ablation to the baseline's measured latency: rounds of profiles before the first
 * training. Every time is a stored profile, so that an interrupted run goes on where it ended; a network that
 * is stored for an arm stays.
 */
import type { Architecture } from '../../architecture/architecture.js';
import { architectureId } from '../../architecture/canonical.js';
import { networkTimes } from '../../store/network-times.js';
import type { Store } from '../../store/store.js';
import { ablationArms } from '../../store/tables/ablation-table.js';
import { architecturesOf } from '../../store/tables/architecture-table.js';
import { textHash } from '../../util/canonical-json.js';
import type { Experiment } from '../experiment.js';
import { type Plan, planProfiles } from '../plan.js';
import { type Ablation, distinctNetworks } from '../settings/ablation/ablation.js';
import { type LatencyState, latencyState, type StepTimes } from '../settings/ablation/equal-latency.js';

/**
 * The experiment with every arm at equal latency, or marked as unequal. Unchanged where no latency is held.
 * @param run measures a plan of profiles, and stores the results
 */
export async function holdLatency(
  experiment: Experiment,
  store: Store,
  run: (experiment: Experiment, plan: Plan) => Promise<unknown>,
): Promise<Experiment> {
  const { ablation, profile } = experiment;
  if (ablation?.hold.latency === undefined || !profile) return experiment;
  const { train: _, ...measured } = experiment;
  const { resolve: _aim, ...planned } = profile; // launches are added once the networks are settled
  const unstored = { ...measured, profile: planned, ablation: { ...ablation, arms: [] } };
  const lost = new Map<string, 'failed'>();
  for (;;) {
    const found = networkTimes(store, experiment.id, ablation.hold.batch!, profile.launches);
    const times: StepTimes = new Map([...lost, ...found]);
    const states = latencyStates(ablation, storedNetworks(store, experiment.id), times);
    const open = openNetworks(ablation, states, times);
    if (open.length === 0) return withNetworks(experiment, ablation, states);
    const ids = open.map(architectureId);
    const isFirst = !times.has(architectureId(ablation.baseline));
    const tag = isFirst ? undefined : textHash(ids.toSorted().join(), 12);
    await run(unstored, planProfiles(experiment, open, tag, new Date().toISOString()));
    // what a round leaves without a result, such as a damaged row, is not measured again
    const after = networkTimes(store, experiment.id, ablation.hold.batch!, profile.launches);
    for (const id of ids) if (!after.has(id)) lost.set(id, 'failed');
  }
}

/** Networks of the arms that are stored, by position. */
function storedNetworks(store: Store, experimentId: string): readonly (Architecture | undefined)[] {
  const arms = ablationArms(store, experimentId);
  if (arms.length === 0) return [];
  const byId = new Map(architecturesOf(store, experimentId).map(({ id, text }) => [id, text]));
  return arms.map(({ architecture_id }) => byId.get(architecture_id));
}

const latencyStates = (
  { arms, baseline, hold }: Ablation,
  stored: readonly (Architecture | undefined)[],
  times: StepTimes,
): LatencyState[] =>
  arms.map(({ architecture }, position) => {
    const known = stored[position];
    if (!known) return latencyState(architecture, baseline, hold, times);
    const state = latencyState(known, baseline, { ...hold, by: 'nothing' }, times);
    return { ...state, architecture: known };
  });

function openNetworks(
  { baseline }: Ablation,
  states: readonly LatencyState[],
  times: StepTimes,
): readonly Architecture[] {
  const open = states.flatMap(({ kind, architecture }) => (kind === 'measure' ? [architecture] : []));
  const all = open.length > 0 && !times.has(architectureId(baseline)) ? [baseline, ...open] : open;
  const missing = all.filter((each) => !times.has(architectureId(each)));
  return [...new Map(missing.map((each) => [architectureId(each), each])).values()];
}

function withNetworks(
  experiment: Experiment,
  ablation: Ablation,
  states: readonly LatencyState[],
): Experiment {
  const arms = ablation.arms.map((arm, position) => {
    const { kind, architecture } = states[position]!;
    return { ...arm, architecture, ...(kind !== 'within' && { isUnequal: true as const }) };
  });
  return { ...experiment, ablation: { ...ablation, arms }, architectures: distinctNetworks(arms) };
}
