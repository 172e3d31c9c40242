/** Draws a figure with one line per architecture. */
import { rangeOf } from '../../../../util/statistics/range-of.js';
import { candidateSet } from '../../candidate-set.js';
import { colours } from '../plot-style.js';
import { draw, type Layout, type Trace } from '../plotly.js';
import { type Band, bandTrace, type Line, lineTraces } from './line-traces.js';
import { type ShownLines, showSelectedLines } from './selected-lines.js';

/** A figure of the page has its selection over its traces; one that is saved is traces alone. */
export async function drawLines(element: HTMLElement, shown: ShownLines, layout: Layout): Promise<void> {
  const { lines, bands, data, selected } = shown;
  const c = colours();
  if (element.dataset['figure'] === undefined) {
    const chosen = bands.filter(({ candidate }) => selected.has(candidate));
    const around = chosen.map((band) => bandTrace(band, data, c));
    await draw(element, [...around, ...lineTraces(lines, data, selected, c)], layout);
    return;
  }
  const all = lineTraces(lines, data, candidateSet([]), c);
  showSelectedLines(await draw(element, [roomFor(lines, bands), ...all], layout), shown);
}

/** Nothing to see: with it the axes have room for every band and for the marks of selected lines. */
function roomFor(lines: readonly Line[], bands: readonly Band[]): Trace {
  const values = lines.flatMap(({ y }) => y.filter((value) => value !== null));
  return {
    type: 'scatter',
    mode: 'markers',
    x: rangeOf(lines.flatMap(({ x }) => x)),
    y: rangeOf([...values, ...bands.flatMap(({ low, high }) => [...low, ...high])]),
    marker: { opacity: 0, size: 4 },
    hoverinfo: 'skip',
  };
}
