/** Draws throughput by batch size, one line per architecture; both axes are logarithmic. */
import type { ThroughputInfo } from '../../../figures/throughput-figure.js';
import type { PageData } from '../../../page-data.js';
import { candidateSet } from '../../candidate-set.js';
import type { ViewState } from '../../view-state.js';
import { axis, baseLayout, colours, logTicks } from '../plot-style.js';
import { drawLines } from './line-plot.js';

export async function drawThroughput(
  element: HTMLElement,
  info: ThroughputInfo,
  data: PageData,
  state: ViewState,
): Promise<void> {
  const c = colours();
  const lines = info.lines.map((line) => ({
    candidate: line.candidate,
    x: info.batches,
    y: line.imagesPerSecond,
  }));
  await drawLines(
    element,
    { lines, bands: [], data, selected: candidateSet(state.selected) },
    {
      ...baseLayout(c),
      xaxis: axis(c, 'Batch size, images', {
        type: 'log',
        tickvals: info.batches,
        ticktext: info.batches.map(String),
      }),
      yaxis: axis(c, 'Images per second', { type: 'log', ...logTicks(lines.flatMap((line) => line.y)) }),
    },
  );
}
