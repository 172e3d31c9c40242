/**
 * Evaluates networks of a search: exact costs from the space, times by profiles, scores by trainings. What
 * the database has is not measured again. A trial at a lower fidelity is the full training paused at an
 * epoch; a later trial continues it from its checkpoint, bit for bit. A trial with a parent starts from the
 * final weights of the parent's training of the same seed.
 */

import { parseObjective, scoreNames } from '../../../analysis/objectives/objectives.js';
import { type SeedScores, scoresAt } from '../../../analysis/objectives/result-score.js';
import type { Architecture } from '../../../architecture/architecture.js';
import type { Candidate } from '../../../search/candidate.js';
import type { Trial } from '../../../search/history.js';
import { inheritedName } from '../../../search/inherited-ranking.js';
import type { layoutSpace } from '../../../search/spaces/layout-space.js';
import type { CandidateResult } from '../../../store/experiment-result.js';
import { evaluatedCandidate, measuredProfiles, storedEpochs } from '../../../store/read-evaluation.js';
import { insertArchitecture } from '../../../store/tables/architecture-table.js';
import { deviceId } from '../../../store/tables/device-table.js';
import { insertOtherDeviceTime } from '../../../store/tables/other-device-time-table.js';
import { insertPlanRow, planLength } from '../../../store/tables/plan-table.js';
import { lastProfile } from '../../../store/tables/profile-table.js';
import { lastTraining } from '../../../store/tables/training-table.js';
import { insertTrial } from '../../../store/tables/trial-table.js';
import type { EpochRow } from '../../../train/train-result.js';
import { weightsHash } from '../../../train/weights/weights-file.js';
import { UserError } from '../../../util/errors.js';
import type { Experiment } from '../../experiment.js';
import type { Job } from '../../job.js';
import {
  architectureRow,
  type Network,
  type PlannedJob,
  profileJobOf,
  trainingJobOf,
  trialRow,
} from '../../plan.js';
import type { Answer } from '../../search/durable-search.js';
import { TimesElsewhere } from '../../search/other-devices.js';
import { profileJob } from '../profile-job.js';
import type { RunContext } from '../run-context.js';
import { endPaused, parentWeights, trainJob } from '../train-job.js';
import { MachineShare } from './machine-share.js';
import { SupernetScores } from './supernet-scores.js';

/** Names of scores by inherited weights, such as `inherited-top-1`. */
const isInherited = (name: string): boolean => scoreNames.some((score) => name === inheritedName(score));

type NetworkTrial = Trial<Architecture>;
/** Scores of one seed, or why there are none. */
type SeedOutcome =
  | { readonly scores: SeedScores; readonly storedSeconds: number }
  | { readonly reason: string };

/** The epoch at which a training of a share of its epochs pauses; undefined for a whole one. */
export function pauseEpoch(fidelity: number, epochs: number): number | undefined {
  const epoch = Math.max(1, Math.round(fidelity * epochs));
  return epoch >= epochs ? undefined : epoch;
}

/** Seeds of a replicate: those of the experiment, then as many further ones for each replicate. */
export function seedsOf(seeds: readonly number[], replicate: number): number[] {
  const span = Math.max(...seeds) - Math.min(...seeds) + 1;
  return seeds.map((seed) => seed + (replicate - 1) * span);
}

export class NetworkEvaluator {
  private readonly machine = new MachineShare();
  private readonly networks = new Map<string, Network>();
  private readonly device: string;
  private position: number;
  /** Trainings paused at an epoch, with their jobs. */
  private readonly paused = new Map<string, { readonly job: Job; readonly epoch: number }>();
  private readonly supernet: SupernetScores;
  private readonly elsewhere: TimesElsewhere;

  constructor(
    private readonly context: RunContext,
    private readonly space: ReturnType<typeof layoutSpace>,
  ) {
    this.device = deviceId(context.probe.deviceKey);
    this.position = planLength(context.store, context.experiment.id);
    this.supernet = new SupernetScores(context);
    this.elsewhere = new TimesElsewhere(context.experiment.search!.elsewhere?.devices ?? []);
  }

  private get experiment(): Experiment {
    return this.context.experiment;
  }

  private networkOf({ key, value }: Candidate<Architecture>): Network {
    const known = this.networks.get(key);
    if (known) return known;
    const network = { architecture: value, row: architectureRow(value) };
    this.networks.set(key, network);
    return network;
  }

  /** Quantities that a trial needs, and that are not known exactly. */
  private quantitiesOf({ measure }: NetworkTrial): string[] {
    const { objectives, search } = this.experiment;
    const bounded = search!.constraints.map(({ name }) => name);
    const wanted = measure ?? [...new Set([...objectives, ...bounded])];
    return wanted.filter((name) => name.includes('@') || scoreNames.includes(name) || isInherited(name));
  }

  private profilesOf(trial: NetworkTrial): PlannedJob[] {
    const { profile } = this.experiment;
    if (!profile || !this.quantitiesOf(trial).some((name) => name.includes('@'))) return [];
    const network = this.networkOf(trial.candidate);
    return Array.from({ length: profile.launches }, (_, index) =>
      profileJobOf(this.experiment, network, (trial.replicate - 1) * profile.launches + index + 1),
    );
  }

  private trainingsOf(trial: NetworkTrial): PlannedJob[] {
    const { train } = this.experiment;
    if (!train || !this.quantitiesOf(trial).some((name) => scoreNames.includes(name))) return [];
    const network = this.networkOf(trial.candidate);
    const parents = trial.parent ? this.trainingsOf(trial.parent) : [];
    return seedsOf(train.seeds, trial.replicate).map((seed, index) =>
      trainingJobOf(this.experiment, network, seed, parents[index]?.id),
    );
  }

  /** Stores networks and jobs of questions, so that readers see them while they run. */
  register(trials: readonly NetworkTrial[]): void {
    const { store, experiment } = this.context;
    for (const trial of trials) {
      insertArchitecture(store, this.networkOf(trial.candidate).row);
      this.registerElsewhere(trial);
      for (const job of [...this.profilesOf(trial), ...this.trainingsOf(trial)]) {
        insertTrial(store, trialRow(job));
        const row = { experiment_id: experiment.id, trial_id: job.id, position: this.position };
        if (insertPlanRow(store, row)) this.position++;
      }
    }
  }

  /** Stores the times of a network on other devices. */
  private registerElsewhere({ candidate }: NetworkTrial): void {
    const { store, experiment } = this.context;
    const { row } = this.networkOf(candidate);
    for (const { device, quantity, value, source } of this.elsewhere.of(candidate.value))
      insertOtherDeviceTime(store, device.key, {
        experiment_id: experiment.id,
        architecture_id: row.id,
        quantity,
        value,
        source,
      });
  }

  /** @throws InterruptedError when `signal` aborts; UserError where the run cannot go on */
  async evaluate(trial: NetworkTrial, signal: AbortSignal): Promise<Answer> {
    const start = performance.now();
    const network = this.networkOf(trial.candidate);
    const inherited = await this.inherit(trial, signal);
    if ('reason' in inherited) return { ...inherited, seconds: (performance.now() - start) / 1000 };
    const profiles = await this.profile(trial, signal);
    const seeds = await this.train(trial, signal);
    const seconds = (performance.now() - start) / 1000;
    const failed = seeds.find((seed) => 'reason' in seed);
    if (failed && 'reason' in failed) return { reason: failed.reason, seconds };
    const done = seeds.flatMap((seed) => ('scores' in seed ? seed : []));
    const stored = done.reduce((sum, { storedSeconds }) => sum + storedSeconds, 0);
    const { architecture, row } = network;
    const candidate = evaluatedCandidate(
      {
        architectureId: row.id,
        layout: row.layout,
        architecture,
        symmetry: row.symmetry,
        params: row.params,
        macs: row.macs,
        activationBytes: row.activation_bytes,
      },
      profiles,
      done.map(({ scores }) => scores),
    );
    return this.answerOf(trial, candidate, seconds + stored, inherited.values);
  }

  private answerOf(
    trial: NetworkTrial,
    candidate: CandidateResult,
    seconds: number,
    inherited: Readonly<Record<string, number>>,
  ): Answer {
    const values: Record<string, number> = { ...this.space.exact(trial.candidate), ...inherited };
    for (const name of this.quantitiesOf(trial)) {
      if (isInherited(name)) continue;
      const value = parseObjective(name)?.read(candidate)?.value;
      if (value !== undefined) values[name] = value;
      else {
        const failure = candidate.profiles.find(({ reason }) => reason !== '');
        const why = failure ? `batch ${failure.batch}: ${failure.reason}` : 'it was not measured';
        return { reason: `${name}: ${why}`, seconds };
      }
    }
    return { values, seconds };
  }

  /** Scores by inherited weights that the trial asks for; the first one trains the supernet. */
  private async inherit(
    trial: NetworkTrial,
    signal: AbortSignal,
  ): Promise<{ readonly values: Readonly<Record<string, number>> } | { readonly reason: string }> {
    const values: Record<string, number> = {};
    const { architecture, row } = this.networkOf(trial.candidate);
    for (const name of this.quantitiesOf(trial).filter(isInherited)) {
      const score = scoreNames.find((each) => inheritedName(each) === name)!;
      const outcome = await this.machine.run(false, () =>
        this.supernet.score(architecture, row.id, score, signal),
      );
      if ('reason' in outcome) return outcome;
      values[name] = outcome.value;
    }
    return { values };
  }

  /** Ends the child that scores by inherited weights. */
  close(): Promise<void> {
    return this.supernet.close();
  }

  private async profile(trial: NetworkTrial, signal: AbortSignal): Promise<CandidateResult['profiles']> {
    const { store, options } = this.context;
    const jobs = this.profilesOf(trial);
    for (const job of jobs) {
      const last = lastProfile(store, job.id, this.device);
      if (last === 'damaged' || (last && (last.status === 'ok' || !options.retryFailed))) continue;
      await this.machine.run(true, async () => {
        signal.throwIfAborted();
        options.onEvent({ type: 'job', job });
        await profileJob(job, this.context, signal);
      });
    }
    return measuredProfiles(
      store,
      jobs.map(({ id }) => id),
      this.device,
    );
  }

  /** Seeds one after another: workers take other networks meanwhile. */
  private async train(trial: NetworkTrial, signal: AbortSignal): Promise<SeedOutcome[]> {
    const outcomes: SeedOutcome[] = [];
    const until = pauseEpoch(trial.fidelity, this.experiment.train?.recipe.epochs ?? 1);
    for (const job of this.trainingsOf(trial)) {
      const outcome = await this.trainSeed(job, until, signal);
      outcomes.push(outcome);
      if ('reason' in outcome) break;
    }
    return outcomes;
  }

  private async trainSeed(job: Job, until: number | undefined, signal: AbortSignal): Promise<SeedOutcome> {
    const { store, options, paused } = this.context;
    const before = lastTraining(store, job.id);
    if (before === 'damaged') return { reason: `seed ${job.replicate}: its stored row is damaged` };
    const isStored = before !== undefined && (before.status === 'ok' || !options.retryFailed);
    const orphaned = isStored || job.parentId === undefined ? undefined : this.weightsProblem(job.parentId);
    if (orphaned !== undefined) return { reason: `seed ${job.replicate}: ${orphaned}` };
    if (!isStored)
      await this.machine.run(false, async () => {
        signal.throwIfAborted();
        options.onEvent({ type: 'job', job });
        await trainJob(job, this.context, signal, undefined, until);
      });
    const row = lastTraining(store, job.id);
    if (row === 'damaged') return { reason: `seed ${job.replicate}: its stored row is damaged` };
    if (row && row.status !== 'ok') return { reason: `seed ${job.replicate}: ${row.status}: ${row.reason}` };
    const epochs = row ? storedEpochs(store, row) : (paused.get(job.id)?.epochs ?? []);
    if (!row) this.paused.set(job.id, { job, epoch: until! });
    else this.paused.delete(job.id);
    return this.outcomeAt(epochs, until, row && isStored ? row.seconds : 0, row?.stopped ?? undefined);
  }

  /** Why there are no weights to grow; undefined where there are. */
  private weightsProblem(parentId: string): string | undefined {
    const { store } = this.context;
    try {
      const { file, sha256 } = parentWeights(store, parentId);
      return weightsHash(file) === sha256
        ? undefined
        : `${file}: the weights have changed since they were stored`;
    } catch (error) {
      if (error instanceof UserError) return error.message;
      throw error;
    }
  }

  private outcomeAt(
    epochs: readonly EpochRow[],
    until: number | undefined,
    storedSeconds: number,
    stopped: string | undefined,
  ): SeedOutcome {
    const last = until ?? this.experiment.train!.recipe.epochs;
    const at = epochs.find(({ epoch }) => epoch === last);
    if (at) return { scores: scoresAt(at), storedSeconds };
    return {
      reason:
        stopped === undefined ? `epoch ${last} has no score` : `stopped before epoch ${last}: ${stopped}`,
    };
  }

  /** Stores trainings that stay paused: nothing asks for more of them. @param trials all of the search */
  async endPaused(trials: readonly NetworkTrial[], signal: AbortSignal): Promise<void> {
    const { train } = this.experiment;
    // The longest first: a training may have been paused at several rungs.
    for (const trial of [...trials].reverse()) {
      const until = pauseEpoch(trial.fidelity, train?.recipe.epochs ?? 1);
      if (until === undefined || trial.state !== 'complete') continue;
      for (const job of this.trainingsOf(trial)) {
        if (lastTraining(this.context.store, job.id)) continue;
        const furthest = Math.max(until, this.paused.get(job.id)?.epoch ?? 0);
        // Paused by an earlier run: its checkpoint holds the epochs.
        if (!this.context.paused.has(job.id)) await trainJob(job, this.context, signal, undefined, furthest);
        endPaused(job, `not promoted after ${furthest} ${furthest === 1 ? 'epoch' : 'epochs'}`, this.context);
      }
    }
  }
}
