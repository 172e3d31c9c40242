/** Traces of many lines, for the figures with one line per architecture. */
import { symmetryKinds } from '../../../architecture/layout.js';
import { kindSymbols } from '../../kind-marks.js';
import type { PageData } from '../../page-data.js';
import type { ViewState } from '../view-state.js';
import { type Colours, withOpacity } from './plot-style.js';
import type { Trace } from './plotly.js';

/**
 * All lines of a kind share one trace, so that 2,000 lines draw as fast as two. Selected lines get a trace
 * each, on top.
 */
export function lineTraces(
  lines: readonly {
    readonly candidate: number;
    readonly x: readonly number[];
    readonly y: readonly (number | null)[];
  }[],
  data: PageData,
  state: ViewState,
  c: Colours,
): Trace[] {
  const selected = new Set(state.selected);
  const some = selected.size > 0;
  const opacity = (some ? 0.16 : 0.5) * (lines.length > 200 ? 0.5 : 1);
  const joined = symmetryKinds.map((kind): Trace => {
    const members = lines.filter(
      (line) => data.candidates[line.candidate]!.symmetry === kind && !selected.has(line.candidate),
    );
    return {
      type: 'scatter',
      mode: 'lines+markers',
      x: members.flatMap((line) => [...line.x, null]),
      y: members.flatMap((line) => [...line.y, null]),
      connectgaps: false,
      customdata: members.flatMap((line) => [...line.x.map(() => line.candidate), null]),
      hoverinfo: 'none',
      line: { width: 1.2, color: withOpacity(c[kind], opacity) },
      // a line of one value would not be seen: it is a point
      marker: {
        size: members.flatMap((line) => [...line.x.map(() => (line.x.length === 1 ? 7 : 0)), 0]),
        opacity: 1,
        symbol: kindSymbols[kind],
        color: withOpacity(c[kind], Math.min(1, 1.4 * opacity)),
        line: { width: 0 },
      },
    };
  });
  const chosen = lines
    .filter((line) => selected.has(line.candidate))
    .slice(-12)
    .map(
      (line): Trace => ({
        type: 'scatter',
        mode: 'lines+markers',
        x: line.x,
        y: line.y,
        customdata: line.x.map(() => line.candidate),
        hoverinfo: 'none',
        line: { width: 2.4, color: c[data.candidates[line.candidate]!.symmetry] },
        marker: {
          size: 6,
          symbol: kindSymbols[data.candidates[line.candidate]!.symmetry],
        },
      }),
    );
  return [...joined, ...chosen];
}
