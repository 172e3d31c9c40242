/** The jobs of an experiment: a pure function, a value that `--dry-run` prints and `run` executes. */
import { basename } from 'node:path';
import type { Architecture } from '../architecture/architecture.js';
import { architectureId, canonicalText } from '../architecture/canonical.js';
import { layoutOf, symmetryOf } from '../architecture/layout.js';
import { networkCost } from '../network/network-cost.js';
import type { ArchitectureRow } from '../store/tables/architecture-table.js';
import type { ExperimentRow } from '../store/tables/experiment-table.js';
import type { TrialRow } from '../store/tables/trial-table.js';
import { type Fidelity, fidelityText } from '../train/recipe/training-fidelity.js';
import { canonicalJson, textHash } from '../util/canonical-json.js';
import { seededRandom } from '../util/random.js';
import type { Experiment } from './experiment.js';

export interface Job {
  /** Hash of everything that decides the result: the same job in two experiments is one trial. */
  readonly id: string;
  readonly kind: 'profile' | 'score' | 'train';
  readonly architecture: Architecture;
  readonly architectureId: string;
  readonly layout: string;
  /** Launch from 1 of a profile, seed of a training. */
  readonly replicate: number;
  /** Of a cheaper training that stands beside the full one. */
  readonly fidelity?: Fidelity;
}

export interface Plan {
  readonly experiment: ExperimentRow;
  readonly architectures: readonly ArchitectureRow[];
  /** Profiles before trainings; in the order in which they are done. */
  readonly jobs: readonly Job[];
  readonly trials: readonly TrialRow[];
}

export function architectureRow(architecture: Architecture): ArchitectureRow {
  const layout = layoutOf(architecture);
  const { total } = networkCost(architecture);
  return {
    id: architectureId(architecture),
    text: canonicalText(architecture),
    layout,
    symmetry: symmetryOf(layout),
    params: total.params,
    macs: total.macs,
    activation_bytes: total.activationBytes,
  };
}

/** What tells one look at untrained networks from another. */
export const zeroCostSettings = (experiment: Experiment): string | undefined =>
  experiment.train?.zeroCost &&
  canonicalJson({
    dataset: experiment.train.datasetName,
    batch: experiment.train.zeroCost.batch,
    seed: experiment.train.zeroCost.seed,
    runtime: experiment.runtime.id,
  });

/** One a network: its untrained scores. They are no trials, and stand in a table of their own. */
export function scoreJobs(experiment: Experiment): Job[] {
  const { zeroCost } = experiment.train ?? {};
  return !zeroCost
    ? []
    : experiment.architectures.map((architecture) => {
        const id = architectureId(architecture);
        return {
          id: `score-${id}`,
          kind: 'score',
          architecture,
          architectureId: id,
          layout: layoutOf(architecture),
          replicate: zeroCost.seed,
        };
      });
}

/** @param createdAt ISO 8601; stored with a new experiment, no part of any id */
export function planExperiment(experiment: Experiment, createdAt: string): Plan {
  const { profile, train, runtime } = experiment;
  const networks = experiment.architectures.map((architecture) => ({
    architecture,
    row: architectureRow(architecture),
  }));
  const profileSettings =
    profile &&
    canonicalJson({
      batches: profile.batches,
      threads: profile.threads,
      anchor: profile.anchor,
      protocol: profile.protocol,
      runtime,
    });
  const initial = train?.initial && { sha256: train.initial.sha256, mode: train.initial.mode };
  const trainSettings = (fidelity?: Fidelity): string =>
    canonicalJson({
      dataset: train!.datasetName,
      recipe: train!.recipe,
      ...(initial && { initial }),
      ...(fidelity && { fidelity }),
      runtime,
    });
  const job = (
    kind: Job['kind'],
    settings: string,
    { architecture, row }: (typeof networks)[number],
    replicate: number,
    fidelity?: Fidelity,
  ): Job & { readonly settings: string } => ({
    settings,
    ...(fidelity && { fidelity }),
    id: textHash(canonicalJson([kind, row.id, settings, replicate]), 16),
    kind,
    architecture,
    architectureId: row.id,
    layout: row.layout,
    replicate,
  });
  const jobs = [
    // Each launch in its own shuffled order, so that drift of the machine does not favour a network.
    ...(profile
      ? range(profile.launches).flatMap((launch) =>
          seededRandom(experiment.id)
            .fork(`launch ${launch}`)
            .shuffled(networks)
            .map((network) => job('profile', profileSettings!, network, launch)),
        )
      : []),
    ...(train
      ? [undefined, ...(train.fidelities ?? [])].flatMap((fidelity) =>
          train.seeds.flatMap((seed) =>
            networks.map((network) => job('train', trainSettings(fidelity), network, seed, fidelity)),
          ),
        )
      : []),
  ];
  return {
    experiment: {
      id: experiment.id,
      name: experiment.name,
      text: experiment.text,
      space_text: experiment.spaceText,
      space_count: experiment.spaceCount,
      dataset_name: train?.datasetName ?? '',
      created_at: createdAt,
      objectives: JSON.stringify(experiment.objectives),
      protocol: JSON.stringify(
        profile
          ? {
              batches: profile.batches,
              launches: profile.launches,
              threads: profile.threads,
              anchor: profile.anchor,
              ...profile.protocol,
            }
          : {},
      ),
      recipe: JSON.stringify(
        train
          ? {
              ...train.recipe,
              ...(train.initial && { initial: `${train.initial.mode} from ${basename(train.initial.file)}` }),
              ...(train.fidelities && { fidelities: train.fidelities.map(fidelityText) }),
              ...(train.stopping && { stopping: { rule: train.stopping.rule, ...train.stopping.params } }),
              seeds: train.seeds,
            }
          : {},
      ),
    },
    architectures: networks.map(({ row }) => row),
    jobs,
    trials: jobs.map(({ id, kind, architectureId: architecture, replicate, settings }) => ({
      id,
      job: kind as Exclude<Job['kind'], 'score'>,
      architecture_id: architecture,
      replicate,
      settings,
    })),
  };
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
