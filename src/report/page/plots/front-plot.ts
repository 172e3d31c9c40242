/**
 * The main plot: the score against a cost. Circles are symmetric, diamonds asymmetric, squares unmixed
 * layouts; area is parameters; bars are intervals; a ring joins ties. The front is a step line that ends
 * at the worst measured values.
 */
import { type Symmetry, symmetryKinds } from '../../../architecture/layout.js';
import { rangeOf } from '../../../util/statistics/range-of.js';
import { type AxisUnit, axisUnit } from '../../axis-unit.js';
import type { CostFront, ScoreInfo } from '../../figures/front-figure.js';
import { kindSymbols } from '../../kind-marks.js';
import type { PageData } from '../../page-data.js';
import { candidateSet } from '../candidate-set.js';
import { costOf, type ViewState } from '../view-state.js';
import { chanceLine } from './chance-line.js';
import { frontLabels } from './front-labels.js';
import { axis, baseLayout, type Colours, colours, withOpacity } from './plot-style.js';
import { annotate, draw, type Layout, type PlotElement, type Trace } from './plotly.js';
import { embedManyPoints, mostSvgPoints, showManyPoints } from './points/many-points.js';
import type { Points } from './points/point-canvas.js';

/** With more points, only those of the front and the selected ones carry bars. */
const mostBars = 150;

export async function drawFrontPlot(
  element: HTMLElement,
  data: PageData,
  state: ViewState,
  matches: ReadonlySet<number>,
): Promise<PlotElement | undefined> {
  const cost = costOf(data, state.cost);
  const score = data.figures.front?.score;
  if (!cost || !score) return undefined;
  const c = colours();
  const x = axisUnit(cost);
  const shown = cost.values.flatMap((value, candidate) =>
    value && score.values[candidate] ? [candidate] : [],
  );
  const at = (candidate: number): [number, number] => [
    cost.values[candidate]![0] / x.divisor,
    score.values[candidate]![0] * score.scale,
  ];
  const isMany = hasManyPoints(data);
  const [least, most] = rangeOf(shown.map((candidate) => at(candidate)[0]));
  const wide = least > 0 && most / least > 12;
  const selected = candidateSet(state.selected);
  const inSvg = isMany ? cost.front : shown;
  const traces = [
    ...(isMany ? [cornerTrace(shown.map(at))] : ringTraces(cost, at, c)),
    frontTrace(cost, score.scale, at, x, c),
    ...symmetryKinds.flatMap((kind) => pointTraces(kind, data, cost, score, inSvg, at, x, matches, c)),
    ...(isMany
      ? []
      : [
          selectedTrace(
            shown.filter((candidate) => selected.has(candidate)),
            data,
            at,
            c,
          ),
        ]),
  ];
  const level = chanceLine(
    score,
    shown.map((candidate) => at(candidate)[1]),
    'y',
    c,
  );
  const plot = await draw(element, traces, {
    ...baseLayout(c),
    selectionrevision: isMany ? '' : state.selected.join(),
    xaxis: costAxis(cost, x, wide, isNarrow(element), c),
    yaxis: axis(c, scoreTitle(score, isNarrow(element)), { uirevision: 'y' }),
    ...level,
  });
  const labels = shown.length === 0 ? [emptyNote(c)] : frontLabels(plot, cost, at, shown, data, c);
  await annotate(plot, [...(level.annotations ?? []), ...labels]);
  if (isMany) {
    const points = pointsAt(shown, data, at);
    if (element.id === 'plot-front') showManyPoints(plot, points, matches, selected, c);
    else await embedManyPoints(plot, points, matches, c);
  }
  return plot;
}

/** Whether the page draws its points on a canvas, whatever the cost. */
export const hasManyPoints = ({ candidates }: PageData): boolean => candidates.length > mostSvgPoints;

/** Nothing to see: it gives the axes the range of the points on the canvas. */
function cornerTrace(points: readonly (readonly [number, number])[]): Trace {
  return {
    type: 'scatter',
    mode: 'markers',
    x: rangeOf(points.map(([x]) => x)),
    y: rangeOf(points.map(([, y]) => y)),
    marker: { opacity: 0, size: 8 },
    hoverinfo: 'skip',
  };
}

/** Those with most parameters first, so that small points lie above. */
function pointsAt(
  shown: readonly number[],
  data: PageData,
  at: (candidate: number) => readonly [number, number],
): Points {
  const size = markerSizes(data);
  const order = [...shown].sort((a, b) => data.candidates[b]!.params - data.candidates[a]!.params);
  return {
    candidates: order,
    x: Float64Array.from(order, (candidate) => at(candidate)[0]),
    y: Float64Array.from(order, (candidate) => at(candidate)[1]),
    size: Float64Array.from(order, (candidate) => Math.max(2.5, 0.55 * size(candidate))),
    kind: order.map((candidate) => data.candidates[candidate]!.symmetry),
  };
}

const isNarrow = (element: HTMLElement): boolean => element.clientWidth < 520;

const emptyNote = (c: Colours): Layout => ({
  text: 'No layout has both a score and this cost yet',
  showarrow: false,
  xref: 'paper',
  yref: 'paper',
  x: 0.5,
  y: 0.5,
  font: { color: c.muted },
});

/** Label, unit, provenance and direction; of a narrow plot the label and an arrow. */
function costAxis(cost: CostFront, { unit }: AxisUnit, wide: boolean, narrow: boolean, c: Colours): Layout {
  const [arrow, direction] =
    cost.better === 'higher' ? ['→', 'higher is better →'] : ['←', '← lower is better'];
  const label = `${cost.label}${unit && `, ${unit}`}`;
  return axis(c, narrow ? `${label}   (${arrow})` : `${label}, ${cost.provenance}   (${direction})`, {
    type: wide ? 'log' : 'linear',
    uirevision: cost.id,
    ...(wide ? { dtick: 'D2' } : {}),
  });
}

/** Label, unit and direction. */
function scoreTitle({ label, short, unit, better }: ScoreInfo, narrow: boolean): string {
  const arrow = better === 'higher' ? '↑' : '↓';
  return (
    `${narrow ? short : label}${unit ? `, ${unit}` : ''}   ` +
    `(${narrow ? '' : `${better} is better `}${arrow})`
  );
}

/** Marker diameter in pixels: area grows with parameters. */
function markerSizes(data: PageData): (candidate: number) => number {
  const [, most] = rangeOf([1, ...data.candidates.map((candidate) => candidate.params)]);
  const scale = data.candidates.length > 400 ? 0.7 : 1;
  return (candidate) => scale * (6 + 11 * Math.sqrt(data.candidates[candidate]!.params / most));
}

/** One ring around each point that ties with one of the front. */
function ringTraces(cost: CostFront, at: (candidate: number) => [number, number], c: Colours): Trace[] {
  const points = [...new Set(cost.ties.flat())].map(at);
  const ring: Trace = {
    type: 'scatter',
    mode: 'markers',
    x: points.map((point) => point[0]),
    y: points.map((point) => point[1]),
    marker: { symbol: 'circle-open', size: 24, color: c.ring, line: { width: 1.3, color: c.ring } },
    hoverinfo: 'skip',
  };
  return points.length > 0 ? [ring] : [];
}

function frontTrace(
  cost: CostFront,
  scale: number,
  at: (candidate: number) => [number, number],
  x: AxisUnit,
  c: Colours,
): Trace {
  const points = cost.front.map(at);
  const ends = cost.hypervolume
    ? ([cost.hypervolume.reference[0] / x.divisor, cost.hypervolume.reference[1] * scale] as const)
    : undefined;
  const [first, last] = [points[0], points.at(-1)];
  if (ends && first && last) {
    // Both ends of the front extend to the hypervolume's reference point.
    if (cost.better === 'higher') {
      points.unshift([ends[0], first[1]]);
      points.push([last[0], ends[1]]);
    } else {
      points.unshift([first[0], ends[1]]);
      points.push([ends[0], last[1]]);
    }
  }
  return {
    type: 'scatter',
    mode: 'lines',
    x: points.map((point) => point[0]),
    y: points.map((point) => point[1]),
    line: { shape: cost.better === 'higher' ? 'vh' : 'hv', color: c.front, width: 1.4 },
    hoverinfo: 'skip',
  };
}

function pointTraces(
  kind: Symmetry,
  data: PageData,
  cost: CostFront,
  score: ScoreInfo,
  shown: readonly number[],
  at: (candidate: number) => [number, number],
  x: AxisUnit,
  matches: ReadonlySet<number>,
  c: Colours,
): Trace[] {
  const members = shown.filter((candidate) => data.candidates[candidate]!.symmetry === kind);
  const onFront = new Set(cost.front);
  const size = markerSizes(data);
  const colour = c[kind];
  const groups = [
    { members: members.filter((each) => !matches.has(each)), opacity: 0.13, bars: false, outline: false },
    {
      members: members.filter((each) => matches.has(each) && !onFront.has(each)),
      opacity: shown.length > 400 ? 0.42 : 0.55,
      bars: shown.length <= mostBars,
      outline: false,
    },
    {
      members: members.filter((each) => matches.has(each) && onFront.has(each)),
      opacity: 1,
      bars: true,
      outline: true,
    },
  ];
  return groups
    .filter((group) => group.members.length > 0)
    .map((group) => {
      const error = (axisOf: 'x' | 'y'): Trace => {
        const [values, scale] =
          axisOf === 'x'
            ? ([cost.values, (value: number) => value / x.divisor] as const)
            : ([score.values, (value: number) => value * score.scale] as const);
        return {
          type: 'data',
          symmetric: false,
          thickness: 1,
          width: 0,
          color: withOpacity(colour, group.opacity * 0.75),
          visible: group.bars,
          array: group.members.map((each) => scale(values[each]![2]) - scale(values[each]![0])),
          arrayminus: group.members.map((each) => scale(values[each]![0]) - scale(values[each]![1])),
        };
      };
      return {
        type: 'scatter',
        mode: 'markers',
        x: group.members.map((each) => at(each)[0]),
        y: group.members.map((each) => at(each)[1]),
        customdata: group.members,
        hoverinfo: 'none',
        marker: {
          symbol: kindSymbols[kind],
          opacity: 1,
          size: group.members.map(size),
          color: withOpacity(colour, group.opacity),
          line: {
            width: group.outline ? 1.5 : 0.5,
            color: group.outline ? c.background : withOpacity(c.background, 0.6),
          },
        },
        error_x: error('x'),
        error_y: error('y'),
        selected: { marker: { opacity: 1 } },
        unselected: { marker: { opacity: 1 } },
      };
    });
}

function selectedTrace(
  members: readonly number[],
  data: PageData,
  at: (candidate: number) => [number, number],
  c: Colours,
): Trace {
  const size = markerSizes(data);
  return {
    type: 'scatter',
    mode: 'markers',
    x: members.map((each) => at(each)[0]),
    y: members.map((each) => at(each)[1]),
    hoverinfo: 'skip',
    marker: {
      symbol: 'circle-open',
      size: members.map((each) => size(each) + 8),
      color: c.accent,
      line: { width: 2, color: c.accent },
    },
  };
}
