/**
 * A figure: its data (`info`, pure, a snapshot in the tests) is separate from its drawing: a chart, which
 * page and files draw alike, or a plot of `page/plots/`.
 */
import type { ExperimentResult } from '../../store/experiment-result.js';
import type { Chart } from '../charts/chart.js';

export interface Figure<Info> {
  readonly name: string;
  title(info: Info): string;
  /** One or two sentences: what is drawn and what the intervals are. */
  caption(info: Info): string;
  /** Undefined where the result has no data for it; the page then omits it. */
  info(result: ExperimentResult): Info | undefined;
  /** The drawing of the data without a browser; absent where a figure has an SVG of its own. */
  chart?(info: Info): Chart;
}
