/** Draws learning curves; selected layouts get a band over their seeds. */
import type { CurvesInfo } from '../../figures/curves-figure.js';
import type { PageData } from '../../page-data.js';
import type { ViewState } from '../view-state.js';
import { chanceLine } from './chance-line.js';
import { lineTraces } from './line-traces.js';
import { axis, baseLayout, colours, unitSuffix, withOpacity } from './plot-style.js';
import { draw, type Trace } from './plotly.js';

export async function drawCurves(
  element: HTMLElement,
  info: CurvesInfo,
  data: PageData,
  state: ViewState,
): Promise<void> {
  const c = colours();
  const scaled = (values: readonly number[]): number[] => values.map((value) => value * info.score.scale);
  const selected = new Set(state.selected);
  const bands = info.lines
    .filter((line) => line.seeds > 1 && selected.has(line.candidate))
    .map(
      (line): Trace => ({
        type: 'scatter',
        mode: 'lines',
        x: [...line.epochs, ...[...line.epochs].reverse()],
        y: [...scaled(line.high), ...scaled(line.low).reverse()],
        fill: 'toself',
        fillcolor: withOpacity(c[data.candidates[line.candidate]!.symmetry], 0.16),
        line: { width: 0 },
        hoverinfo: 'skip',
      }),
    );
  const lines = info.lines.map((line) => ({
    candidate: line.candidate,
    x: line.epochs,
    y: scaled(line.values),
  }));
  await draw(element, [...bands, ...lineTraces(lines, data, state, c)], {
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
  });
}
