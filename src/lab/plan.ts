/** The plan of an experiment: a value that `--dry-run` prints and a run executes. */
import { basename } from 'node:path';
import type { Architecture } from '../architecture/architecture.js';
import { architectureId, canonicalText } from '../architecture/canonical.js';
import { layoutOf, symmetryOf } from '../architecture/layout.js';
import { networkCost } from '../network/network-cost.js';
import { anchorNetwork } from '../profile/session/anchor-network.js';
import type { AblationArm } from '../store/ablation-plan.js';
import type { ArchitectureRow } from '../store/tables/architecture-table.js';
import type { ExperimentRow } from '../store/tables/experiment-table.js';
import type { TrialRow } from '../store/tables/trial-table.js';
import type { Recipe } from '../train/recipe/recipe.js';
import { type Fidelity, fidelityText } from '../train/recipe/training-fidelity.js';
import { canonicalJson, textHash } from '../util/canonical-json.js';
import { seededRandom } from '../util/random.js';
import type { Experiment } from './experiment.js';
import { anchorCopies, type Job } from './job.js';
import type { Arm } from './settings/ablation/ablation.js';
import { withoutRefusal } from './settings/runtime-setting.js';

export interface Plan {
  readonly experiment: ExperimentRow;
  readonly architectures: readonly ArchitectureRow[];
  /** In the order in which they are run, profiles before trainings. */
  readonly jobs: readonly PlannedJob[];
  readonly trials: readonly TrialRow[];
}

export function architectureRow(architecture: Architecture): ArchitectureRow {
  const layout = layoutOf(architecture);
  const { total } = networkCost(architecture);
  return {
    id: architectureId(architecture),
    text: canonicalText(architecture),
    layout,
    symmetry: symmetryOf(layout) === 'asymmetric' ? 'asymmetric' : 'symmetric',
    params: total.params,
    macs: total.macs,
    activation_bytes: total.activationBytes,
  };
}

export interface Network {
  readonly architecture: Architecture;
  readonly row: ArchitectureRow;
}
/** A job with the canonical settings that its id covers. */
export type PlannedJob = Job & {
  readonly settings: string;
  /** Of one image. */
  readonly macs: number;
};

function plannedJob(
  kind: 'profile' | 'train',
  settings: string,
  { architecture, row }: Network,
  replicate: number,
  fidelity?: Fidelity,
): PlannedJob {
  return {
    settings,
    macs: row.macs,
    ...(fidelity && { fidelity }),
    id: textHash(canonicalJson([kind, row.id, settings, replicate]), 16),
    kind,
    architecture,
    architectureId: row.id,
    layout: row.layout,
    replicate,
  };
}

/** Canonical settings that the ids of an experiment's profiles cover. */
export function profileSettings({ profile, runtime }: Experiment): string {
  const { batches, threads, anchor, protocol } = profile!;
  return canonicalJson({ batches, threads, anchor, protocol, runtime: withoutRefusal(runtime) });
}

/** Canonical settings that the ids of an experiment's full trainings cover. */
export const trainingSettings = (experiment: Experiment): string =>
  trainSettings(experiment, experiment.train!.recipe);

/** A launch of a network's profile, outside of any plan. */
export const profileJobOf = (experiment: Experiment, network: Network, launch: number): PlannedJob =>
  plannedJob('profile', profileSettings(experiment), network, launch);

/** A full training of a network, outside of any plan. @param parentId training whose weights it grows */
export function trainingJobOf(
  experiment: Experiment,
  network: Network,
  seed: number,
  parentId?: string,
): PlannedJob {
  if (parentId === undefined) return plannedJob('train', trainingSettings(experiment), network, seed);
  const settings = trainSettings(experiment, experiment.train!.recipe, undefined, parentId);
  return { ...plannedJob('train', settings, network, seed), parentId };
}

/** The row of a job as a trial. */
export const trialRow = ({ id, kind, architectureId, replicate, settings }: PlannedJob): TrialRow => ({
  id,
  job: kind as Exclude<Job['kind'], 'score'>,
  architecture_id: architectureId,
  replicate,
  settings,
});

/**
 * Each launch in its own shuffled order, so that drift of the machine favours no network. Two copies of the
 * anchor network run among the others in every launch: what differs between them is the machine's.
 */
function profileJobs(
  experiment: Experiment,
  networks: readonly Network[],
  anchorWithRow: Network | undefined,
  round?: string,
): PlannedJob[] {
  const { profile } = experiment;
  if (!profile) return [];
  const launches = Array.from({ length: profile.launches }, (_, index) => index + 1);
  return launches.flatMap((launch) => launchJobs(experiment, networks, anchorWithRow, launch, round));
}

function launchJobs(
  experiment: Experiment,
  networks: readonly Network[],
  anchorWithRow: Network | undefined,
  launch: number,
  round?: string,
): PlannedJob[] {
  const { id, profile, runtime } = experiment;
  const { batches, threads, anchor, protocol } = profile!;
  const settings = profileSettings(experiment);
  const random = seededRandom(id).fork(`launch ${launch}`);
  const jobs = random.shuffled(networks).map((network) => plannedJob('profile', settings, network, launch));
  const positions = random.fork('anchors');
  for (const anchorCopy of anchorWithRow ? anchorCopies : []) {
    // a copy of the anchor has settings of its own, so that it is a trial of its own
    const own = canonicalJson({
      batches,
      threads,
      anchor,
      protocol,
      runtime: withoutRefusal(runtime),
      anchorCopy,
      ...(round !== undefined && { round }),
    });
    const job = { ...plannedJob('profile', own, anchorWithRow!, launch), anchorCopy };
    jobs.splice(positions.integer(jobs.length + 1), 0, job);
  }
  return jobs;
}

/** Full trainings first, then those of each fidelity. */
function trainJobs(experiment: Experiment, networks: readonly Network[]): PlannedJob[] {
  const { train, ablation } = experiment;
  if (!train) return [];
  if (ablation) return armJobs(experiment, ablation.arms, networks);
  const settings = (fidelity?: Fidelity): string => trainSettings(experiment, train.recipe, fidelity);
  return [undefined, ...(train.fidelities ?? [])].flatMap((fidelity) =>
    train.seeds.flatMap((seed) =>
      networks.map((network) => plannedJob('train', settings(fidelity), network, seed, fidelity)),
    ),
  );
}

/** What the id of a training covers besides network and seed. */
function trainSettings(
  { train, runtime }: Experiment,
  recipe: Recipe,
  fidelity?: Fidelity,
  parentId?: string,
): string {
  const { initial, datasetName, guide } = train!;
  const started =
    parentId === undefined ? initial && { sha256: initial.sha256, mode: initial.mode } : undefined;
  return canonicalJson({
    dataset: datasetName,
    recipe,
    ...(started && { initial: started }),
    ...(parentId !== undefined && { initial: { training: parentId, mode: 'grow' } }),
    ...(recipe.guidance && guide && { guide: architectureId(guide) }),
    ...(fidelity && { fidelity }),
    runtime: withoutRefusal(runtime),
  });
}

/** Every arm with one seed before the next seed, so that pairs are complete early. */
function armJobs(experiment: Experiment, arms: readonly Arm[], networks: readonly Network[]): PlannedJob[] {
  const { recipe: standard, seeds } = experiment.train!;
  const byId = new Map(networks.map((network) => [network.row.id, network]));
  return seeds.flatMap((seed) =>
    arms
      .filter(({ isUnequal }) => !isUnequal)
      .map(({ name: arm, architecture, recipe = standard }) => {
        const network = byId.get(architectureId(architecture))!;
        return { ...plannedJob('train', trainSettings(experiment, recipe), network, seed), arm, recipe };
      }),
  );
}

/** The arms of an ablation as they are stored. */
export const armRows = (experiment: Experiment): AblationArm[] =>
  (experiment.ablation?.arms ?? []).map(({ name, levels, architecture, recipe }) => ({
    name,
    levels,
    architectureId: architectureId(architecture),
    settings: recipe ? trainSettings(experiment, recipe) : '',
  }));

/** @param createdAt ISO 8601; stored with a new experiment, not part of any id */
export function planExperiment(experiment: Experiment, createdAt: string): Plan {
  const networks = experiment.architectures.map(withRow);
  const anchor = experiment.profile?.control && !experiment.search ? withRow(anchorNetwork) : undefined;
  const jobs = experiment.search
    ? [] // questions of the search become jobs as they are asked
    : [...profileJobs(experiment, networks, anchor), ...trainJobs(experiment, networks)];
  return profilePlan(experiment, networks, anchor, jobs, createdAt);
}

/**
 * The profiles of some networks alone, which belong to an experiment.
 * @param round undefined for the first; later ones measure the anchor's copies again, beside the new networks
 */
export function planProfiles(
  experiment: Experiment,
  architectures: readonly Architecture[],
  round: string | undefined,
  createdAt: string,
): Plan {
  const networks = architectures.map(withRow);
  const anchor = experiment.profile?.control ? withRow(anchorNetwork) : undefined;
  const jobs = profileJobs(experiment, networks, anchor, round);
  return profilePlan(experiment, networks, anchor, jobs, createdAt);
}

/** One launch of some networks after the planned ones, whose experiment is stored. */
export function planLaunch(
  experiment: Experiment,
  architectures: readonly Architecture[],
  launch: number,
): Plan {
  const networks = architectures.map(withRow);
  const anchor = experiment.profile?.control ? withRow(anchorNetwork) : undefined;
  return profilePlan(experiment, networks, anchor, launchJobs(experiment, networks, anchor, launch), '');
}

const profilePlan = (
  experiment: Experiment,
  networks: readonly Network[],
  anchor: Network | undefined,
  jobs: readonly PlannedJob[],
  createdAt: string,
): Plan => ({
  experiment: experimentRow(experiment, createdAt),
  architectures: [...networks.map(({ row }) => row), ...(anchor ? [anchor.row] : [])],
  jobs,
  trials: jobs.map(trialRow),
});

const withRow = (architecture: Architecture): Network => ({
  architecture,
  row: architectureRow(architecture),
});

const experimentRow = (experiment: Experiment, createdAt: string): ExperimentRow => ({
  id: experiment.id,
  name: experiment.name,
  text: experiment.text,
  space_text: experiment.spaceText,
  space_count: experiment.spaceCount,
  dataset_name: experiment.train?.datasetName ?? '',
  created_at: createdAt,
  objectives: JSON.stringify(experiment.objectives),
  protocol: JSON.stringify(protocolColumn(experiment)),
  recipe: JSON.stringify(recipeColumn(experiment)),
});

function protocolColumn({ profile, relevance }: Experiment): object {
  if (!profile) return {};
  const { batches, launches, threads, anchor, protocol } = profile;
  return { batches, launches, threads, anchor, relevance, ...protocol };
}

function recipeColumn({ train }: Experiment): object {
  if (!train) return {};
  const { recipe, initial, fidelities, stopping, seeds } = train;
  return {
    ...recipe,
    ...(initial && { initial: `${initial.mode} from ${basename(initial.file)}` }),
    ...(fidelities && { fidelities: fidelities.map(fidelityText) }),
    ...(stopping && { stopping: { rule: stopping.rule, ...stopping.params } }),
    seeds,
  };
}
