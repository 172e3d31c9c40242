/**
 * Ask and tell. A study holds a strategy, its history and the log from which both are rebuilt:
 * `Study.replay(settings, log)` continues where the log ends and proposes what the interrupted study would
 * have proposed. Workers may ask and tell in any order; the order of arrival is what the log records.
 */
import { UserError } from '../util/errors.js';
import { type ParamValues, paramsWithDefaults } from '../util/params.js';
import { type Random, seededRandom } from '../util/random.js';
import type { Candidate, SearchSpace } from './candidate.js';
import { EarlierHistory } from './earlier-history.js';
import { drawnFromPrior } from './gene-prior.js';
import { type EvaluationRequest, History, type SearchEvent, type Trial } from './history.js';
import { type Constraint, type SearchObjective, toCostVector, violation } from './objective.js';
import type { AnyStrategy, GenePrior, Proposal, Proposer } from './strategy.js';

export interface StudySettings<V = unknown> {
  readonly space: SearchSpace<V>;
  readonly objectives: readonly SearchObjective[];
  readonly constraints?: readonly Constraint[];
  readonly strategy: AnyStrategy;
  readonly params?: ParamValues;
  readonly seed: number | string;
  /**
   * What the user believes about the genes. One proposal in ten is drawn from it, so a wrong belief costs at
   * most a tenth of the budget; the strategy learns from the answers as from all others.
   */
  readonly prior?: GenePrior;
  /**
   * Results of earlier searches, which cost no budget. A tenth of the budget tests them; the strategy sees
   * them while they foretell this search's answers.
   */
  readonly earlier?: readonly EarlierResult[];
  /** Most trials; default: no limit but the size of the space. */
  readonly budget?: number;
  /** Called with every entry before the call that caused it returns: the place to make it durable. */
  readonly onEvent?: (event: SearchEvent) => void;
}

/** Draws after which a strategy that repeats itself is replaced by uniform draws of unseen candidates. */
const REPEATED_PROPOSALS = 24;
const UNSEEN_DRAWS = 64;
/** Largest space whose unseen members are listed when draws no longer find one. */
const LISTED_MEMBERS = 2_000_000n;

/** One evaluation of an earlier search, of another database or tool. */
export interface EarlierResult {
  readonly genes: readonly number[];
  /** By name: objectives, and constrained quantities. */
  readonly values: Readonly<Record<string, number>>;
  /** Default 0. */
  readonly seconds?: number;
}

/** One proposal in this many is drawn from the prior. */
const PRIOR_PERIOD = 10;

/** A history with the strategy that proposes from it. */
interface View<V> {
  readonly history: History<V>;
  readonly proposer: Proposer<V>;
}

/** Earlier results before this search's own trials, whose numbers are then `offset` higher. */
interface InformedView<V> extends View<V> {
  readonly offset: number;
  readonly earlier: EarlierHistory<V>;
}

export class Study<V = unknown> {
  /** Of this search alone. */
  readonly history: History<V>;
  private readonly own: View<V>;
  private readonly informed: InformedView<V> | undefined;
  private readonly random: Random;
  private exhausted = false;
  /** Unseen members in a stable order, listed once the space is nearly used up. */
  private remaining: Candidate<V>[] | undefined;

  constructor(readonly settings: StudySettings<V>) {
    const { objectives, strategy } = settings;
    if (objectives.length === 0) throw new UserError('search: at least one objective is needed, got none');
    if (objectives.length > strategy.mostObjectives)
      throw new UserError(
        `search: ${strategy.name} handles at most ${strategy.mostObjectives} ` +
          `${strategy.mostObjectives === 1 ? 'objective' : 'objectives'}, got ${objectives.length}`,
      );
    this.random = seededRandom(`search/${settings.seed}`);
    this.own = this.view();
    this.history = this.own.history;
    if (settings.earlier && settings.earlier.length > 0) this.informed = this.informedView(settings.earlier);
  }

  private view(): View<V> {
    const { space, objectives, strategy, constraints = [], params, prior, budget } = this.settings;
    const history = new History<V>({
      objectives: objectives.map(({ name }) => name),
      costsOf: (values) => toCostVector(values, objectives),
      violationOf: (values) => violation(values, constraints),
    });
    const context = {
      space,
      objectives,
      constraints,
      random: this.random.fork('strategy'),
      ...(prior === undefined ? {} : { prior }),
      ...(budget === undefined ? {} : { budget }),
    };
    return {
      history,
      proposer: strategy.create<V>(context, paramsWithDefaults(strategy.params, params) as never),
    };
  }

  private informedView(results: readonly EarlierResult[]): InformedView<V> {
    const { space, objectives, budget } = this.settings;
    const view = this.view();
    for (const { genes, values, seconds = 0 } of results) {
      const candidate = space.withGenes(genes);
      if (!candidate)
        throw new UserError(
          `search: an earlier result must be a member of ${space.name}, got ${JSON.stringify(genes)}`,
        );
      const missing = objectives.find(({ name }) => !Number.isFinite(values[name]));
      if (missing)
        throw new UserError(
          `search: an earlier result needs a finite ${missing.name}, got ${String(values[missing.name])}`,
        );
      const replicate = view.history.timesAsked(candidate.key) + 1;
      const { number } = view.history.ask(candidate, { replicate, isEarlier: true });
      view.history.complete(number, values, seconds);
    }
    const earlier = view.history.evaluated.map(({ candidate, costs }) => ({ candidate, costs }));
    const exact = space.exact(earlier[0]!.candidate);
    const modelled = objectives.flatMap(({ name }, axis) => (Object.hasOwn(exact, name) ? [] : [axis]));
    return { ...view, offset: results.length, earlier: new EarlierHistory(earlier, modelled, budget) };
  }

  /**
   * The next trial to evaluate; undefined where the budget is spent, the strategy has nothing left to
   * propose, or every distinct candidate has been asked for.
   */
  ask(): Trial<V> | undefined {
    const number = this.history.trials.length;
    if (this.exhausted || (this.settings.budget !== undefined && number >= this.settings.budget))
      return undefined;
    const random = this.random.fork(String(number));
    const proposal = this.next(random);
    if (!proposal) {
      // An answer that is still to come may open the way to a longer training or another seed.
      this.exhausted = this.history.pending.length === 0;
      return undefined;
    }
    const { candidate, fidelity, measure, parent } = proposal;
    const request: EvaluationRequest = {
      replicate: proposal.replicate ?? 1,
      ...(fidelity === undefined || fidelity >= 1 ? {} : { fidelity }),
      ...(measure === undefined ? {} : { measure }),
      ...(parent === undefined ? {} : { parent }),
    };
    const trial = this.enterQuestion(candidate, request);
    this.settings.onEvent?.({
      type: 'asked',
      trial: trial.number,
      key: candidate.key,
      genes: candidate.genes,
      ...request,
    });
    return trial;
  }

  /**
   * Records the result of a trial. An objective that the space knows exactly may be left out. Another value
   * that is missing or not finite makes the trial a failed one, with its reason.
   * @param told objectives and constrained quantities by name
   * @param seconds cost of the evaluation; default 0
   * @throws UserError for a trial that is not pending
   */
  tell(number: number, told: Readonly<Record<string, number>>, seconds = 0): Trial<V> {
    this.assertPending(number);
    const { measure, candidate } = this.history.trials[number]!;
    const values = { ...this.exactObjectives(candidate, told), ...told };
    const missing = this.settings.objectives.find(
      ({ name }) => (measure === undefined || measure.includes(name)) && !Number.isFinite(values[name]),
    );
    if (missing)
      return this.fail(
        number,
        `evaluator: ${missing.name} must be a finite number, got ${String(values[missing.name])}`,
        seconds,
      );
    const trial = this.enterAnswer(number, values, seconds);
    this.settings.onEvent?.({ type: 'told', trial: number, values, seconds });
    return trial;
  }

  /** Objectives that were not told and that the space knows. */
  private exactObjectives(
    candidate: Candidate<V>,
    told: Readonly<Record<string, number>>,
  ): Readonly<Record<string, number>> {
    const open = this.settings.objectives.filter(({ name }) => told[name] === undefined);
    if (open.length === 0) return {};
    const exact = this.settings.space.exact(candidate);
    return Object.fromEntries(
      open.flatMap(({ name }) => (exact[name] === undefined ? [] : [[name, exact[name]] as const])),
    );
  }

  /** Records that a trial failed. @throws UserError for a trial that is not pending */
  fail(number: number, reason: string, seconds = 0): Trial<V> {
    this.assertPending(number);
    const trial = this.enterFailure(number, reason, seconds);
    this.settings.onEvent?.({ type: 'failed', trial: number, reason, seconds });
    return trial;
  }

  /** Rebuilds a study from its log without proposing anew. @throws UserError for a log of another space */
  static replay<V>(settings: StudySettings<V>, log: Iterable<SearchEvent>): Study<V> {
    const study = new Study<V>({ ...settings, onEvent: () => {} });
    for (const event of log) study.apply(event);
    return Object.assign(study, { settings });
  }

  /** Applies one entry of a log, without asking the strategy. */
  apply(event: SearchEvent): void {
    switch (event.type) {
      case 'asked': {
        const candidate = this.settings.space.withGenes(event.genes);
        if (!candidate || candidate.key !== event.key)
          throw new UserError(
            `search: trial ${event.trial} of the log must be a member of ${this.settings.space.name}, ` +
              `got ${JSON.stringify(event.key)}`,
            { fix: 'the space has changed since the search began: start another search' },
          );
        this.enterQuestion(candidate, event);
        break;
      }
      case 'told':
        this.enterAnswer(event.trial, event.values, event.seconds);
        break;
      case 'failed':
        this.enterFailure(event.trial, event.reason, event.seconds);
        break;
      default:
        event satisfies never;
    }
  }

  private enterQuestion(candidate: Candidate<V>, request: EvaluationRequest): Trial<V> {
    const { informed } = this;
    const { parent } = request;
    informed?.history.ask(candidate, {
      ...request,
      ...(parent === undefined ? {} : { parent: parent + informed.offset }),
    });
    return this.history.ask(candidate, request);
  }

  private enterAnswer(number: number, values: Readonly<Record<string, number>>, seconds: number): Trial<V> {
    this.informed?.history.complete(number + this.informed.offset, values, seconds);
    return this.history.complete(number, values, seconds);
  }

  private enterFailure(number: number, reason: string, seconds: number): Trial<V> {
    this.informed?.history.fail(number + this.informed.offset, reason, seconds);
    return this.history.fail(number, reason, seconds);
  }

  /** The strategy's proposal; where it repeats itself, an unseen member drawn uniformly. */
  private next(random: Random): Proposal<V> | undefined {
    const { space, prior } = this.settings;
    const number = this.history.trials.length;
    if (prior && number % PRIOR_PERIOD === PRIOR_PERIOD / 2) {
      const believed = drawnFromPrior(space, prior, random.fork('prior'));
      if (believed && !this.history.seen(believed.key)) return { candidate: believed };
    }
    const repeated = this.informed?.earlier.repeated(number, this.history);
    if (repeated) return { candidate: repeated };
    const isInformed = this.informed?.earlier.isTrusted(number, this.history) ?? false;
    const { history, proposer } = isInformed ? this.informed! : this.own;
    for (let attempt = 0; attempt < REPEATED_PROPOSALS; attempt++) {
      const proposal = proposer.propose(history, random.fork(`proposal/${attempt}`));
      if (!proposal) return undefined;
      if (proposal.repeat || !history.seen(proposal.candidate.key)) return this.asOwn(proposal, history);
    }
    const draws = random.fork('unseen');
    for (let draw = 0; draw < UNSEEN_DRAWS; draw++) {
      const candidate = space.sample(draws);
      if (!this.history.seen(candidate.key)) return { candidate };
    }
    const candidate = this.unseen(draws);
    return candidate && { candidate };
  }

  /** With the number of its parent in this search. */
  private asOwn(proposal: Proposal<V>, from: History<V>): Proposal<V> {
    if (proposal.parent === undefined || from === this.history) return proposal;
    return { ...proposal, parent: proposal.parent - this.informed!.offset };
  }

  private unseen(random: Random): Candidate<V> | undefined {
    const { space } = this.settings;
    if (space.size === undefined || space.size > LISTED_MEMBERS) return undefined;
    if (this.remaining === undefined) {
      const byKey = new Map<string, Candidate<V>>();
      for (const candidate of space.enumerate())
        if (!byKey.has(candidate.key)) byKey.set(candidate.key, candidate);
      this.remaining = [...byKey.values()];
    }
    this.remaining = this.remaining.filter(({ key }) => !this.history.seen(key));
    return this.remaining.length === 0 ? undefined : this.remaining[random.integer(this.remaining.length)];
  }

  private assertPending(number: number): void {
    const state = this.history.trials[number]?.state;
    if (state !== 'pending')
      throw new UserError(
        `search: a result must be of a pending trial, got trial ${number}, which is ${state ?? 'unknown'}`,
      );
  }
}
