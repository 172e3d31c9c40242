/**
 * Early stopping of an experiment's full trainings: applies the rule to the learning curves reported so far,
 * stored ones included. Networks compete, by the mean over their seeds, and the seeds of a network stop
 * together.
 */
import { mean } from 'simple-statistics';
import { parseObjective } from '../../analysis/objectives/objectives.js';
import { scoreAmong, scoresAt } from '../../analysis/objectives/result-score.js';
import { rungOrder, survivors } from '../../search/stopping/layers.js';
import type { AsynchronousRule, Curve, SynchronousRule } from '../../search/stopping/stopping-rule.js';
import { stoppingRules } from '../../search/stopping/stopping-rules.js';
import { readExperimentResult } from '../../store/read-result.js';
import type { Store } from '../../store/store.js';
import { epochsByTraining } from '../../store/tables/epoch-table.js';
import { lastTrainings } from '../../store/tables/training-table.js';
import type { EpochRow } from '../../train/train-result.js';
import { seededRandom } from '../../util/random.js';
import type { Experiment } from '../experiment.js';
import type { Job } from '../job.js';
import type { Plan } from '../plan.js';

/**
 * The score that trainings compete by, more is better: the one among the objectives, else the task's.
 * undefined where the epoch has none.
 */
function meritOf(row: EpochRow, objectives: readonly string[]): number | undefined {
  const score = scoreAmong(objectives, [scoresAt(row)]);
  const value = score.ofEpoch(row);
  return value === undefined ? undefined : score.merit(value);
}

/** What a training has reported; a score of undefined is an epoch without one. */
interface Report {
  readonly job: Job;
  readonly scores: readonly (number | undefined)[];
  readonly finished: boolean;
}

/** The members of a rule that a run calls; its parameters were checked with the experiment. */
type Rule =
  | Pick<AsynchronousRule<never>, 'kind' | 'stops'>
  | Pick<SynchronousRule<never>, 'kind' | 'brackets' | 'keeps'>;

export class EarlyStopping {
  private readonly reports = new Map<string, Report>();
  private readonly costs = new Map<string, number>();
  /** Reasons of networks that were stopped. */
  private readonly ended = new Map<string, string>();
  /** Network ids in the order in which hyperband deals them. */
  private readonly networks: readonly string[];
  private readonly rule: Rule;
  private readonly params: never;
  private readonly epochs: number;
  private readonly objectives: readonly string[];

  /** @param experiment with a stopping rule; its profiles are stored */
  constructor(
    experiment: Experiment,
    private readonly plan: Plan,
    store: Store,
    deviceId: string,
  ) {
    const { stopping, recipe } = experiment.train!;
    this.rule = stoppingRules[stopping!.rule];
    this.params = stopping!.params as never;
    this.epochs = recipe.epochs;
    this.objectives = experiment.objectives;
    const jobs = new Map(this.full.map((job) => [job.id, job]));
    this.networks = seededRandom(`brackets/${experiment.id}`).shuffled([
      ...new Set(this.full.map(({ architectureId }) => architectureId)),
    ]);
    const finished = lastTrainings(store, experiment.id).filter(({ status }) => status === 'ok');
    const epochs = epochsByTraining(
      store,
      finished.map(({ id }) => id),
    );
    for (const row of finished) {
      const job = jobs.get(row.trial_id);
      if (job) this.report(job, epochs.get(row.id) ?? []);
      if (job && row.stopped !== null) this.ended.set(job.architectureId, row.stopped);
    }
    const cost =
      experiment.objectives[1] === undefined ? undefined : parseObjective(experiment.objectives[1]);
    for (const candidate of cost ? readExperimentResult(store, experiment.id, deviceId).candidates : []) {
      const value = cost!.read(candidate)?.value;
      if (value !== undefined)
        this.costs.set(candidate.architectureId, cost!.better === 'higher' ? -value : value);
    }
  }

  private get full(): Job[] {
    return this.plan.jobs.filter(({ kind, fidelity }) => kind === 'train' && !fidelity);
  }

  report(job: Job, rows: readonly EpochRow[]): void {
    this.reports.set(job.id, {
      job,
      scores: rows.map((row) => meritOf(row, this.objectives)),
      finished: rows.length >= this.epochs,
    });
  }

  private hasReached(job: Job, epoch: number): boolean {
    return (this.reports.get(job.id)?.scores.length ?? 0) >= epoch;
  }

  /** Score after `epoch` epochs; undefined before that, and where that epoch has none. */
  private scoreAt(job: Job, epoch: number): number | undefined {
    return this.reports.get(job.id)?.scores[epoch - 1];
  }

  /**
   * Why the training ends at its last report; undefined: it continues. Synchronous rules end none here.
   */
  stops(job: Job): string | undefined {
    if (this.rule.kind === 'synchronous') return undefined;
    const siblings = this.reportsOf(job.architectureId).filter(({ job: { id } }) => id !== job.id);
    if (siblings.some(({ finished }) => finished)) return undefined; // a mean needs all seeds
    const ended = this.ended.get(job.architectureId);
    if (ended !== undefined) return ended;
    const epoch = this.reports.get(job.id)!.scores.length;
    const beside = siblings.filter(({ scores }) => scores.length >= epoch);
    const seeds = new Set([job, ...beside.map((each) => each.job)].map(({ replicate }) => replicate));
    const own = this.curveOf(job.architectureId, seeds);
    if (own.scores.length < epoch) return undefined; // an epoch without a score
    const others = this.networks
      .filter((id) => id !== job.architectureId)
      .map((id) => this.curveOf(id, seeds))
      .filter(({ scores }) => scores.length > 0);
    const reason = this.rule.stops(
      { own: { ...own, scores: own.scores.slice(0, epoch) }, others, epochs: this.epochs },
      this.params,
    );
    if (reason !== undefined) this.ended.set(job.architectureId, reason);
    return reason;
  }

  private reportsOf(architectureId: string): Report[] {
    return [...this.reports.values()].filter(({ job }) => job.architectureId === architectureId);
  }

  /**
   * Mean over those of the seeds that reported, over all that did where none of them has. The curve ends
   * before the first epoch that has no score.
   */
  private curveOf(network: string, seeds: ReadonlySet<number>): Curve {
    const all = this.reportsOf(network);
    const shared = all.filter(({ job, scores }) => seeds.has(job.replicate) && scores.length > 0);
    const used = shared.length > 0 ? shared : all;
    const length = Math.max(0, ...used.map(({ scores }) => scores.length));
    const scores: number[] = [];
    for (let epoch = 0; epoch < length; epoch++) {
      const known = used.flatMap((each) => each.scores[epoch] ?? []);
      if (known.length === 0) break;
      scores.push(mean(known));
    }
    const cost = this.costs.get(network);
    const finished = used.some((each) => each.finished);
    return { network, scores, finished, ...(cost === undefined ? {} : { cost }) };
  }

  get isSynchronous(): boolean {
    return this.rule.kind === 'synchronous';
  }

  /**
   * The rounds of a synchronous rule, over all brackets and seeds. `train` trains to an epoch and returns
   * when all trainings have reported it or failed; `end` stores those that do not continue.
   */
  async runRounds(
    train: (jobs: readonly Job[], until: (job: Job) => number) => Promise<void>,
    end: (job: Job, reason: string) => void,
  ): Promise<void> {
    const { rule, params } = this;
    if (rule.kind !== 'synchronous') return;
    const jobsOf = (network: string): Job[] =>
      this.full.filter(({ architectureId }) => architectureId === network);
    const brackets = rule
      .brackets(this.networks, this.epochs, params)
      .map(({ networks, rungs }) => ({ alive: networks, rungs }));
    const rounds = Math.max(0, ...brackets.map(({ rungs }) => rungs.length));
    for (let round = 0; round < rounds; round++) {
      const held = brackets.filter(({ rungs }) => round < rungs.length);
      const rungOf = new Map(
        held.flatMap(({ alive, rungs }) =>
          alive.flatMap(jobsOf).map((job) => [job.id, rungs[round]!] as const),
        ),
      );
      await train(
        this.full.filter((job) => rungOf.has(job.id) && !this.hasReached(job, rungOf.get(job.id)!)),
        (job) => rungOf.get(job.id)!,
      );
      for (const bracket of held) {
        const rung = bracket.rungs[round]!;
        if (rung < this.epochs) bracket.alive = this.thin(bracket.alive, rung, jobsOf, end);
      }
    }
  }

  /**
   * Ends the networks that do not go on from a rung, with all their seeds; those without a score drop out.
   */
  private thin(
    networks: readonly string[],
    rung: number,
    jobsOf: (network: string) => readonly Job[],
    end: (job: Job, reason: string) => void,
  ): string[] {
    const points = networks.flatMap((network) => {
      const scores = jobsOf(network).flatMap((job) => this.scoreAt(job, rung) ?? []);
      const cost = this.costs.get(network);
      return scores.length === 0
        ? []
        : [{ network, score: mean(scores), ...(cost === undefined ? {} : { cost }) }];
    });
    const { rule, params } = this;
    if (rule.kind !== 'synchronous') return [];
    const kept = survivors(points, rule.keeps(points.length, params));
    const places = rungOrder(points);
    for (const [place, at] of places.entries()) {
      if (place < kept.length) continue;
      const reason =
        `${place} of ${points.length - 1} others were better after ${rung} ` +
        `${rung === 1 ? 'epoch' : 'epochs'}, the best ${kept.length} go on`;
      for (const job of jobsOf(points[at]!.network)) end(job, reason);
    }
    return kept.map((at) => points[at]!.network);
  }
}
