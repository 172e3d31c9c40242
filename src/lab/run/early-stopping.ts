/**
 * Early stopping of an experiment's full trainings: applies the rule to the learning curves reported so far,
 * stored ones included. A training competes with those of its own seed.
 */
import { parseObjective } from '../../analysis/objectives/objectives.js';
import { scoreAmong, scoresAt } from '../../analysis/objectives/result-score.js';
import type { AsynchronousRule, Curve, SynchronousRule } from '../../search/stopping/stopping-rule.js';
import { stoppingRules } from '../../search/stopping/stopping-rules.js';
import { readExperimentResult } from '../../store/read-result.js';
import type { Store } from '../../store/store.js';
import { epochsByTraining } from '../../store/tables/epoch-table.js';
import { lastTrainings } from '../../store/tables/training-table.js';
import type { EpochRow } from '../../train/train-result.js';
import type { Experiment } from '../experiment.js';
import type { Job } from '../job.js';
import type { Plan } from '../plan.js';

/** The score that trainings compete by, more is better: the one among the objectives, else the task's. */
function meritOf(row: EpochRow, objectives: readonly string[]): number {
  const score = scoreAmong(objectives, [scoresAt(row)]);
  return score.merit(score.ofEpoch(row) ?? Number.NaN);
}

/** The members of a rule that a run calls; its parameters were checked with the experiment. */
type Rule =
  | Pick<AsynchronousRule<never>, 'kind' | 'stops'>
  | Pick<SynchronousRule<never>, 'kind' | 'brackets' | 'keeps'>;

export class EarlyStopping {
  private readonly reports = new Map<
    string,
    { readonly job: Job; scores: readonly number[]; finished: boolean }
  >();
  private readonly costs = new Map<string, number>();
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
    const finished = lastTrainings(store, experiment.id).filter(({ status }) => status === 'ok');
    const epochs = epochsByTraining(
      store,
      finished.map(({ id }) => id),
    );
    for (const row of finished) {
      const job = jobs.get(row.trial_id);
      if (job) this.report(job, epochs.get(row.id) ?? []);
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

  /** Score after `epoch` epochs; undefined before that. */
  scoreAt(job: Job, epoch: number): number | undefined {
    return this.reports.get(job.id)?.scores[epoch - 1];
  }

  /**
   * Why the training ends at its last report; undefined: it continues. Synchronous rules end none here.
   */
  stops(job: Job): string | undefined {
    if (this.rule.kind === 'synchronous') return undefined;
    const curve = (id: string): Curve => {
      const {
        job: { architectureId },
        scores,
        finished,
      } = this.reports.get(id)!;
      const cost = this.costs.get(architectureId);
      return { trialId: id, scores, finished, ...(cost === undefined ? {} : { cost }) };
    };
    const others = [...this.reports.values()]
      .filter((other) => other.job.id !== job.id && other.job.replicate === job.replicate)
      .map((other) => curve(other.job.id));
    return this.rule.stops({ own: curve(job.id), others, epochs: this.epochs }, this.params);
  }

  get isSynchronous(): boolean {
    return this.rule.kind === 'synchronous';
  }

  /**
   * The rounds of a synchronous rule, over all brackets and seeds. `train` trains to an epoch and returns when
   * all trainings have reported it or failed; `end` stores those that do not continue.
   */
  async runRounds(
    train: (jobs: readonly Job[], until: (job: Job) => number) => Promise<void>,
    end: (job: Job, reason: string) => void,
  ): Promise<void> {
    const { rule, params } = this;
    if (rule.kind !== 'synchronous') return;
    const jobs = new Map(this.full.map((job) => [job.id, job]));
    const brackets = [...new Set(this.full.map(({ replicate }) => replicate))].flatMap((seed) =>
      rule
        .brackets(
          this.full.filter(({ replicate }) => replicate === seed).map(({ id }) => id),
          this.epochs,
          params,
        )
        .map(({ trialIds, rungs }) => ({ alive: trialIds.map((id) => jobs.get(id)!), rungs })),
    );
    const rounds = Math.max(0, ...brackets.map(({ rungs }) => rungs.length));
    for (let round = 0; round < rounds; round++) {
      const held = brackets.filter(({ rungs }) => round < rungs.length);
      const rungOf = new Map(
        held.flatMap(({ alive, rungs }) => alive.map((job) => [job.id, rungs[round]!] as const)),
      );
      await train(
        held
          .flatMap(({ alive }) => alive)
          .filter((job) => this.scoreAt(job, rungOf.get(job.id)!) === undefined),
        (job) => rungOf.get(job.id)!,
      );
      for (const bracket of held) {
        const rung = bracket.rungs[round]!;
        if (rung >= this.epochs) continue;
        // ties keep the order of the plan, so that a resumed run decides alike
        const ranked = bracket.alive
          .filter((job) => this.scoreAt(job, rung) !== undefined)
          .sort((a, b) => this.scoreAt(b, rung)! - this.scoreAt(a, rung)!);
        const keeps = rule.keeps(ranked.length, params);
        ranked
          .slice(keeps)
          .forEach((job, place) =>
            end(
              job,
              `${keeps + place} of ${ranked.length - 1} others were better after ${rung} ${rung === 1 ? 'epoch' : 'epochs'}, the best ${keeps} go on`,
            ),
          );
        bracket.alive = ranked.slice(0, keeps);
      }
    }
  }
}
