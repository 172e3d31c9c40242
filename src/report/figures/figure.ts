/** A figure: its data (`info`, pure, a snapshot in the tests) apart from its drawing (`page/plots/`). */
import type { ExperimentResult } from '../../store/experiment-result.js';

export interface Figure<Info> {
  readonly name: string;
  title(info: Info): string;
  /** One or two sentences: what is drawn, what the intervals are. */
  caption(info: Info): string;
  /** Undefined where the result holds nothing for it; the page then leaves it out. */
  info(result: ExperimentResult): Info | undefined;
}
