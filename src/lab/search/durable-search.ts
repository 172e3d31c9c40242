/**
 * The search loop: ask, make the question durable, evaluate, make the answer durable, tell the strategy.
 * Several evaluations run at a time; the order in which they arrive is the order of the log. A resumed search
 * replays its log, evaluates first what was asked and not answered, and then proposes what it would have
 * proposed.
 */
import type { Candidate } from '../../search/candidate.js';
import { contradiction } from '../../search/drive-search.js';
import type { SearchEvent, Trial } from '../../search/history.js';
import { Study, type StudySettings } from '../../search/study.js';
import { budgetEnd, type SearchBudget } from './search-budget.js';
import type { SearchLog } from './search-log.js';
import { SearchProgress } from './search-progress.js';

export type Answer =
  | { readonly values: Readonly<Record<string, number>>; readonly seconds: number }
  | { readonly reason: string; readonly seconds: number };

/** One evaluation. What it throws ends the search, and the trial stays open; a failed trial is an answer. */
export type Evaluate<V> = (candidate: Candidate<V>, trial: Trial<V>, signal: AbortSignal) => Promise<Answer>;

export interface DurableSearchOptions<V> {
  readonly settings: Omit<StudySettings<V>, 'budget' | 'onEvent'>;
  readonly budget: SearchBudget;
  /** Evaluations at a time. */
  readonly workers: number;
  readonly log: SearchLog;
  readonly evaluate: Evaluate<V>;
  readonly signal: AbortSignal;
  /** Stores what readers of the database need of trials, in the transaction that logs their questions. */
  onAsked?(trials: readonly Trial<V>[]): void;
  /** After the question is durable, before its evaluation. */
  onTrial?(trial: Trial<V>): void;
  /** After the answer is durable. */
  onAnswer?(trial: Trial<V>, progress: SearchProgress<V>): void;
}

export interface SearchOutcome<V> {
  readonly study: Study<V>;
  readonly progress: SearchProgress<V>;
  /** Why nothing more was asked. */
  readonly end: string;
}

/**
 * @throws what an evaluation throws, once those beside it have ended; the reason of `signal` where it aborts
 */
export async function durableSearch<V>(options: DurableSearchOptions<V>): Promise<SearchOutcome<V>> {
  const loop = new SearchLoop(options);
  await loop.run();
  return { study: loop.study, progress: loop.progress, end: loop.end };
}

/** An evaluation that has ended, in order of arrival. */
type Arrival<V> = { readonly trial: Trial<V> } & ({ readonly answer: Answer } | { readonly error: unknown });

class SearchLoop<V> {
  readonly study: Study<V>;
  readonly progress: SearchProgress<V>;
  end = '';
  /** Entries that are not durable yet. */
  private entries: SearchEvent[] = [];
  /** Asked in an earlier run and not answered there. */
  private readonly open: Trial<V>[];
  private running = 0;
  private arrivals: Arrival<V>[] = [];
  private wake = (): void => {};
  private readonly stop = new AbortController();
  private readonly signal: AbortSignal;
  private readonly errors: unknown[] = [];

  constructor(private readonly options: DurableSearchOptions<V>) {
    const { settings, budget, log, signal } = options;
    const trials = budget.trials === undefined ? {} : { budget: budget.trials };
    this.study = new Study<V>({ ...settings, ...trials, onEvent: (event) => this.entries.push(event) });
    this.progress = new SearchProgress(this.study.history, budget.steady?.rise);
    for (const event of log.earlier) {
      this.study.apply(event);
      if (event.type !== 'asked')
        this.progress.answer(event.type === 'told' ? 'complete' : 'failed', event.seconds);
    }
    this.open = [...this.study.history.pending];
    this.signal = AbortSignal.any([signal, this.stop.signal]);
  }

  async run(): Promise<void> {
    const { onTrial, onAnswer, signal } = this.options;
    let told: Trial<V>[] = [];
    for (;;) {
      const started = this.signal.aborted ? [] : this.fill();
      this.flush(started);
      for (const trial of told) onAnswer?.(trial, this.progress);
      for (const trial of started) {
        onTrial?.(trial);
        this.start(trial);
      }
      if (this.running === 0) break;
      await new Promise<void>((resolve) => {
        this.wake = () => setImmediate(resolve);
        if (this.arrivals.length > 0) this.wake();
      });
      told = this.settle();
    }
    if (this.errors.length > 0) throw this.errors[0];
    signal.throwIfAborted();
  }

  /** A trial for every free worker, as far as there are any. */
  private fill(): Trial<V>[] {
    const started: Trial<V>[] = [];
    while (this.running + started.length < this.options.workers) {
      const trial = this.open.shift() ?? this.ask();
      if (!trial) break;
      started.push(trial);
    }
    return started;
  }

  /** Undefined where nothing is to be asked now: an answer that is still to come may change that. */
  private ask(): Trial<V> | undefined {
    const { budget, workers } = this.options;
    const spent = budgetEnd(budget, workers, this.progress);
    if (spent !== undefined) {
      this.end = spent;
      return undefined;
    }
    const trial = this.study.ask();
    if (!trial) this.end = this.exhaustion();
    return trial;
  }

  private exhaustion(): string {
    const { trials } = this.options.budget;
    if (trials !== undefined && this.study.history.trials.length >= trials)
      return `${trials} ${trials === 1 ? 'trial is' : 'trials are'} spent`;
    return 'the strategy has nothing left to propose';
  }

  private start(trial: Trial<V>): void {
    this.running++;
    const arrive = (arrival: Arrival<V>): void => {
      this.arrivals.push(arrival);
      this.wake();
    };
    void (async () => this.options.evaluate(trial.candidate, trial, this.signal))().then(
      (answer) => arrive({ trial, answer }),
      (error: unknown) => arrive({ trial, error }),
    );
  }

  /** Tells the study what has arrived. @returns the trials that were answered */
  private settle(): Trial<V>[] {
    const arrived = this.arrivals;
    this.arrivals = [];
    this.running -= arrived.length;
    return arrived.flatMap((arrival) => {
      if ('answer' in arrival) return [this.tell(arrival.trial, arrival.answer)];
      this.errors.push(arrival.error);
      this.stop.abort();
      return [];
    });
  }

  private tell({ number, candidate }: Trial<V>, answer: Answer): Trial<V> {
    const { study } = this;
    const wrong = 'values' in answer ? contradiction(study, { candidate }, answer.values) : answer.reason;
    const told =
      wrong === undefined && 'values' in answer
        ? study.tell(number, finite(answer.values), answer.seconds)
        : study.fail(number, wrong ?? '', answer.seconds);
    this.progress.answer(told.state === 'complete' ? 'complete' : 'failed', answer.seconds);
    return told;
  }

  /** Makes answers and questions durable in one transaction. */
  private flush(started: readonly Trial<V>[]): void {
    const { log, onAsked } = this.options;
    const entries = this.entries;
    this.entries = [];
    const numbers = new Set(entries.flatMap((entry) => (entry.type === 'asked' ? entry.trial : [])));
    const asked = started.filter(({ number }) => numbers.has(number));
    log.append(entries, asked.length > 0 && onAsked ? () => onAsked(asked) : undefined);
  }
}

/** JSON holds no other numbers; an objective among them is missed and fails the trial. */
const finite = (values: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value)));
