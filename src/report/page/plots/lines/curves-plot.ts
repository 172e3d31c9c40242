/** Draws learning curves; selected layouts get a band over their seeds. */
import type { CurvesInfo } from '../../../figures/curves-figure.js';
import type { PageData } from '../../../page-data.js';
import { candidateSet } from '../../candidate-set.js';
import type { ViewState } from '../../view-state.js';
import { chanceLine } from '../chance-line.js';
import { axis, baseLayout, colours, unitSuffix } from '../plot-style.js';
import { drawLines } from './line-plot.js';

export async function drawCurves(
  element: HTMLElement,
  info: CurvesInfo,
  data: PageData,
  state: ViewState,
): Promise<void> {
  const c = colours();
  const scaled = (values: readonly number[]): number[] => values.map((value) => value * info.score.scale);
  const bands = info.lines
    .filter((line) => line.seeds > 1)
    .map(({ candidate, epochs, low, high }) => ({
      candidate,
      x: epochs,
      low: scaled(low),
      high: scaled(high),
    }));
  const lines = info.lines.map((line) => ({
    candidate: line.candidate,
    x: line.epochs,
    y: scaled(line.values),
  }));
  await drawLines(
    element,
    { lines, bands, data, selected: candidateSet(state.selected) },
    {
      ...baseLayout(c),
      xaxis: axis(c, 'Epoch', {
        tickformat: 'd',
        ...(Math.max(...info.lines.flatMap((line) => line.epochs)) <= 12 ? { dtick: 1 } : { nticks: 10 }),
      }),
      yaxis: axis(c, `Validation ${info.score.short}${unitSuffix(info.score.unit)}`),
      ...chanceLine(
        info.score,
        lines.flatMap((line) => line.y),
        'y',
        c,
      ),
    },
  );
}
