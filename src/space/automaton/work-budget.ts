/** Bounds the work of a construction: a short text that means a lot of it fails after a known time. */
import { TooLargeError } from '../model/too-large-error.js';

/** Units, of about a microsecond each, in which the work of opening a space counts. */
const OPENING_UNITS = 800_000;
/** Units after which a set that is not known to be empty counts as not empty. */
const EMPTINESS_UNITS = 1_000_000;

/** The budget that a part's work is charged to as well. */
interface SharedBudget {
  readonly budget: WorkBudget;
  /** Units of the shared budget for each unit of the part. */
  readonly rate: number;
}

export class WorkBudget {
  private spent = 0;

  /**
   * @param limit units of work, such as transitions
   * @param message of the error, from the limit
   */
  constructor(
    private readonly limit: number,
    private readonly message: (limit: number) => string,
    private readonly shared?: SharedBudget,
  ) {}

  get left(): number {
    const own = Math.max(0, this.limit - this.spent);
    return this.shared ? Math.min(own, this.shared.budget.left / this.shared.rate) : own;
  }

  /** @throws TooLargeError where the budget is used up, or the one that it is part of */
  spend(units: number): void {
    this.spent += units;
    if (this.spent > this.limit) throw new TooLargeError(this.message(this.limit));
    this.shared?.budget.spend(units * this.shared.rate);
  }

  /**
   * A budget of one phase: what it spends counts here, too.
   * @param rate units of this budget for each unit of the part, where the phase counts in units of its own
   */
  part(limit: number, message: (limit: number) => string, rate = 1): WorkBudget {
    return new WorkBudget(limit, message, { budget: this, rate });
  }
}

/** What opening one space may take: its automata, its budgets and the search for contradictions. */
export const openingBudget = (): WorkBudget =>
  new WorkBudget(OPENING_UNITS, (limit) => `the space takes more than ${limit} steps to open`);

/** What the question whether a set is empty may take. */
export const emptinessBudget = (): WorkBudget =>
  new WorkBudget(EMPTINESS_UNITS, (limit) => `it takes more than ${limit} steps to find a member`);
