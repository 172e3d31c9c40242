/** Bounds the work of a construction: a short text that means a lot of it fails after a known time. */
import { TooLargeError } from '../model/too-large-error.js';

export class WorkBudget {
  private spent = 0;

  /**
   * @param limit units of work, such as transitions
   * @param message of the error, from the limit
   */
  constructor(
    private readonly limit: number,
    private readonly message: (limit: number) => string,
  ) {}

  get left(): number {
    return Math.max(0, this.limit - this.spent);
  }

  /** @throws TooLargeError where the budget is used up */
  spend(units: number): void {
    this.spent += units;
    if (this.spent > this.limit) throw new TooLargeError(this.message(this.limit));
  }
}
