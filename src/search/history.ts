/**
 * The history of a search: an append-only log of what was asked and what was answered, in order of arrival,
 * with the views that strategies read. Proposals are a function of (settings, seed, history), so replaying
 * the log replays the search.
 */
import type { Candidate } from './candidate.js';

/** One entry of the log. Trials are numbered from 0 in the order in which they were asked. */
export type SearchEvent =
  | {
      readonly type: 'asked';
      readonly trial: number;
      readonly key: string;
      readonly genes: readonly number[];
      /** Repetition of the candidate from 1: a seed of its own. */
      readonly replicate: number;
      /** Share of the full training, in (0, 1); absent: 1. */
      readonly fidelity?: number;
      /** Quantities to evaluate; absent: all. */
      readonly measure?: readonly string[];
      /** Number of the trial whose trained weights this one grows; absent: it starts from fresh weights. */
      readonly parent?: number;
    }
  | {
      readonly type: 'told';
      readonly trial: number;
      /** By name: objectives, and constrained quantities. */
      readonly values: Readonly<Record<string, number>>;
      /** Cost of the evaluation, seconds. */
      readonly seconds: number;
    }
  | { readonly type: 'failed'; readonly trial: number; readonly reason: string; readonly seconds: number };

export interface Trial<V = unknown> {
  readonly number: number;
  readonly candidate: Candidate<V>;
  readonly replicate: number;
  /** Share of the full training; 1 is the whole. */
  readonly fidelity: number;
  /** Quantities to evaluate; absent: all. */
  readonly measure?: readonly string[];
  /** The trial whose trained weights this one grows, as it was when this one was asked for. */
  readonly parent?: Trial<V>;
  /** Result of an earlier search, which this one did not evaluate. */
  readonly isEarlier?: true;
  readonly state: 'pending' | 'complete' | 'failed';
  readonly values?: Readonly<Record<string, number>>;
  readonly reason?: string;
  readonly seconds: number;
}

/** All evaluations of one candidate. */
export interface Evaluated<V = unknown> {
  readonly candidate: Candidate<V>;
  /** Mean cost vector over its complete replicates, lower is better. */
  readonly costs: readonly number[];
  /** 0 for a feasible candidate. */
  readonly violation: number;
  readonly replicates: number;
  /** Cost vector of each replicate; the first never changes, whatever arrives later. */
  readonly each: readonly (readonly number[])[];
  /** Everything that was told of the first replicate. */
  readonly firstValues: Readonly<Record<string, number>>;
  /** Cost of the evaluation that completed the first replicate, seconds. */
  readonly firstSeconds: number;
  /** Violation of the first replicate alone. */
  readonly firstViolation: number;
  /** Position of its first completion in the order of arrival, from 0. */
  readonly arrival: number;
}

/** A result of a shortened training. */
export interface RungResult {
  readonly fidelity: number;
  readonly replicate: number;
  readonly values: Readonly<Record<string, number>>;
}

/** How a candidate is to be evaluated, where it is not by a full evaluation of everything. */
export interface EvaluationRequest {
  readonly replicate: number;
  readonly fidelity?: number;
  readonly measure?: readonly string[];
  /** Number of the trial whose trained weights are grown. */
  readonly parent?: number;
  /** Result of an earlier search. */
  readonly isEarlier?: true;
}

export interface HistoryOptions {
  readonly objectives: readonly string[];
  costsOf(values: Readonly<Record<string, number>>): number[];
  violationOf(values: Readonly<Record<string, number>>): number;
}

/** Grows by `ask`, `complete` and `fail`; readers get live, read-only views. */
export class History<V = unknown> {
  readonly trials: Trial<V>[] = [];
  /** Evaluated candidates in the order of first arrival. A later replicate replaces the entry in place. */
  readonly evaluated: Evaluated<V>[] = [];
  /** Entries as they were before each further replicate, in its order of arrival. */
  readonly replaced: Evaluated<V>[] = [];
  private readonly positions = new Map<string, number>();
  private readonly asked = new Map<string, number>();
  private readonly open = new Map<number, Trial<V>>();
  /** Values known so far of a candidate's replicate, while some objectives are still missing. */
  private readonly partial = new Map<string, Readonly<Record<string, number>>>();
  private readonly rungs = new Map<string, RungResult[]>();
  private failures = 0;

  constructor(private readonly options: HistoryOptions) {}

  /** How often the candidate of this key was asked for. */
  timesAsked(key: string): number {
    return this.asked.get(key) ?? 0;
  }

  seen(key: string): boolean {
    return this.asked.has(key);
  }

  /** Distinct candidates that were asked for. */
  get distinct(): number {
    return this.asked.size;
  }

  /** Trials that were asked for and not answered, in the order asked. */
  get pending(): readonly Trial<V>[] {
    return [...this.open.values()];
  }

  /** Complete replicates beyond the first of each candidate. */
  get repeated(): number {
    return this.replaced.length;
  }

  get failed(): number {
    return this.failures;
  }

  of(key: string): Evaluated<V> | undefined {
    const position = this.positions.get(key);
    return position === undefined ? undefined : this.evaluated[position];
  }

  /** Quantities known of a candidate's replicate before all of its objectives are. */
  known(key: string, replicate = 1): Readonly<Record<string, number>> {
    return this.partial.get(`${key} ${replicate}`) ?? {};
  }

  /** Results of shortened trainings of a candidate, in order of arrival. */
  shortened(key: string): readonly RungResult[] {
    return this.rungs.get(key) ?? [];
  }

  ask(
    candidate: Candidate<V>,
    { replicate, fidelity = 1, measure, parent, isEarlier }: EvaluationRequest,
  ): Trial<V> {
    const trial: Trial<V> = {
      number: this.trials.length,
      candidate,
      replicate,
      fidelity,
      ...(measure === undefined ? {} : { measure }),
      ...(parent === undefined ? {} : { parent: this.trials[parent]! }),
      ...(isEarlier && { isEarlier }),
      state: 'pending',
      seconds: 0,
    };
    this.trials.push(trial);
    this.open.set(trial.number, trial);
    this.asked.set(candidate.key, (this.asked.get(candidate.key) ?? 0) + 1);
    return trial;
  }

  complete(number: number, values: Readonly<Record<string, number>>, seconds: number): Trial<V> {
    const trial: Trial<V> = { ...this.trials[number]!, state: 'complete', values, seconds };
    const { candidate, replicate, fidelity } = trial;
    this.settle(trial);
    if (fidelity < 1) {
      const results = this.rungs.get(candidate.key) ?? [];
      this.rungs.set(candidate.key, [...results, { fidelity, replicate, values }]);
      return trial;
    }
    const all = { ...this.known(candidate.key, replicate), ...values };
    if (this.options.objectives.every((name) => all[name] !== undefined))
      this.evaluate(candidate, all, seconds);
    else this.partial.set(`${candidate.key} ${replicate}`, all);
    return trial;
  }

  /** Adds a complete replicate to the candidate's entry. */
  private evaluate(candidate: Candidate<V>, values: Readonly<Record<string, number>>, seconds: number): void {
    const costs = this.options.costsOf(values);
    const before = this.of(candidate.key);
    const each = [...(before?.each ?? []), costs];
    const violation = this.options.violationOf(values);
    const entry: Evaluated<V> = {
      candidate,
      costs: costs.map((_, axis) => each.reduce((sum, one) => sum + one[axis]!, 0) / each.length),
      violation: Math.max(before?.violation ?? 0, violation),
      firstValues: before?.firstValues ?? values,
      firstSeconds: before?.firstSeconds ?? seconds,
      firstViolation: before?.firstViolation ?? violation,
      replicates: each.length,
      each,
      arrival: before?.arrival ?? this.evaluated.length,
    };
    if (before) {
      this.evaluated[before.arrival] = entry;
      this.replaced.push(before);
    } else {
      this.positions.set(candidate.key, this.evaluated.length);
      this.evaluated.push(entry);
    }
  }

  fail(number: number, reason: string, seconds: number): Trial<V> {
    const trial: Trial<V> = { ...this.trials[number]!, state: 'failed', reason, seconds };
    this.settle(trial);
    this.failures++;
    return trial;
  }

  private settle(trial: Trial<V>): void {
    this.trials[trial.number] = trial;
    this.open.delete(trial.number);
  }
}
