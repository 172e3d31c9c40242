/** Traces of many lines, for the figures with one line per architecture. */
import { type Symmetry, symmetryKinds } from '../../../../architecture/layout.js';
import { kindSymbols } from '../../../kind-marks.js';
import type { PageData } from '../../../page-data.js';
import type { CandidateSet } from '../../candidate-set.js';
import { type Colours, withOpacity } from '../plot-style.js';
import type { Trace } from '../plotly.js';

export interface Line {
  readonly candidate: number;
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
}

/** A range around a line, in the units of the axes. */
export interface Band {
  readonly candidate: number;
  readonly x: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** Selected lines with a trace each. */
const mostSingle = 12;

/** Widths and sizes in pixels; `faded` are the others while some are selected, `alone` lines of one value. */
export const lineLooks = {
  other: { width: 1.2, opacity: 0.5 },
  faded: { opacity: 0.16 },
  joined: { width: 1.4, opacity: 0.5 },
  single: { width: 2.4, size: 6 },
  alone: { size: 7 },
  band: { opacity: 0.16 },
} as const;

/** The last selected lines stand out by themselves, the others together. */
export function selectedLines(
  lines: readonly Line[],
  selected: CandidateSet,
): { readonly many: readonly Line[]; readonly single: readonly Line[] } {
  const chosen = lines.filter(({ candidate }) => selected.has(candidate));
  return { many: chosen.slice(0, -mostSingle), single: chosen.slice(-mostSingle) };
}

/**
 * All lines of a kind share one trace, so that 2,000 lines draw as fast as two. Selected lines lie on top,
 * the last of them with a trace each.
 */
export function lineTraces(
  lines: readonly Line[],
  data: PageData,
  selected: CandidateSet,
  c: Colours,
): Trace[] {
  const kindOf = (line: Line): Symmetry => data.candidates[line.candidate]!.symmetry;
  const { other, faded, joined: together } = lineLooks;
  const opacity = (selected.size > 0 ? faded : other).opacity * (lines.length > 200 ? 0.5 : 1);
  const { many, single } = selectedLines(lines, selected);
  const others = lines.filter((line) => !selected.has(line.candidate));
  const joined = (members: readonly Line[], width: number, share: number): Trace[] =>
    symmetryKinds.map((kind) =>
      joinedTrace(
        members.filter((line) => kindOf(line) === kind),
        kind,
        width,
        share,
        c,
      ),
    );
  return [
    ...joined(others, other.width, opacity),
    ...(many.length > 0 ? joined(many, together.width, together.opacity) : []),
    ...single.map((line) => singleTrace(line, kindOf(line), c)),
  ];
}

function joinedTrace(
  lines: readonly Line[],
  kind: Symmetry,
  width: number,
  opacity: number,
  c: Colours,
): Trace {
  const trace: Trace = {
    type: 'scatter',
    mode: 'lines',
    x: lines.flatMap((line) => [...line.x, null]),
    y: lines.flatMap((line) => [...line.y, null]),
    connectgaps: false,
    customdata: lines.flatMap((line) => [...line.x.map(() => line.candidate), null]),
    hoverinfo: 'none',
    line: { width, color: withOpacity(c[kind], opacity) },
  };
  if (lines.every((line) => line.x.length > 1)) return trace;
  return {
    ...trace,
    mode: 'lines+markers',
    // a line of one value would not be seen: it is a point
    marker: {
      size: lines.flatMap((line) => [
        ...line.x.map(() => (line.x.length === 1 ? lineLooks.alone.size : 0)),
        0,
      ]),
      opacity: 1,
      symbol: kindSymbols[kind],
      color: withOpacity(c[kind], Math.min(1, 1.4 * opacity)),
      line: { width: 0 },
    },
  };
}

const singleTrace = (line: Line, kind: Symmetry, c: Colours): Trace => ({
  type: 'scatter',
  mode: 'lines+markers',
  x: line.x,
  y: line.y,
  customdata: line.x.map(() => line.candidate),
  hoverinfo: 'none',
  line: { width: lineLooks.single.width, color: c[kind] },
  marker: { size: lineLooks.single.size, symbol: kindSymbols[kind] },
});

export const bandTrace = ({ candidate, x, low, high }: Band, data: PageData, c: Colours): Trace => ({
  type: 'scatter',
  mode: 'lines',
  x: [...x, ...[...x].reverse()],
  y: [...high, ...[...low].reverse()],
  fill: 'toself',
  fillcolor: withOpacity(c[data.candidates[candidate]!.symmetry], lineLooks.band.opacity),
  line: { width: 0 },
  hoverinfo: 'skip',
});
