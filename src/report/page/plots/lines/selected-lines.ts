/**
 * Selected lines of a drawn figure, as paths over its traces: a selection then need not draw the figure
 * again, which takes Plotly some tens of milliseconds.
 */
import { type Symmetry, symmetryKinds } from '../../../../architecture/layout.js';
import { kindPath } from '../../../kind-marks.js';
import type { PageData } from '../../../page-data.js';
import type { CandidateSet } from '../../candidate-set.js';
import type { PlotElement } from '../plotly.js';
import { type Band, type Line, lineLooks, selectedLines } from './line-traces.js';

export interface ShownLines {
  readonly lines: readonly Line[];
  readonly bands: readonly Band[];
  readonly data: PageData;
  selected: CandidateSet;
}
const shownIn = new WeakMap<PlotElement, ShownLines>();

/** Draws the selected lines of a plot, whose traces are of all lines, and again whenever its axes move. */
export function showSelectedLines(plot: PlotElement, shown: ShownLines): void {
  const isNew = !shownIn.has(plot);
  shownIn.set(plot, shown);
  redraw(plot, shown);
  if (isNew) plot.on('plotly_afterplot', () => redraw(plot, shownIn.get(plot)!));
}

/** Another selection of a plot that `showSelectedLines` drew; does nothing before. */
export function selectLines(plot: PlotElement, selected: CandidateSet): void {
  const shown = shownIn.get(plot);
  if (!shown || shown.selected === selected) return;
  shown.selected = selected;
  redraw(plot, shown);
}

function redraw(plot: PlotElement, shown: ShownLines): void {
  const layer = layerOf(plot);
  if (!layer) return;
  plot.classList.toggle('has-chosen', shown.selected.size > 0);
  layer.replaceChildren(...(shown.selected.size > 0 ? marksOf(shown, placeIn(plot)) : []));
}

/** Above the traces, within their clip: the library moves it along while the axes move. */
function layerOf(plot: PlotElement): Element | undefined {
  const above = plot.querySelector('.scatterlayer')?.parentElement;
  const found = above?.querySelector(':scope > .selected-lines');
  if (!above || found) return found ?? undefined;
  const layer = document.createElementNS(svg, 'g');
  layer.setAttribute('class', 'selected-lines');
  layer.setAttribute('pointer-events', 'none');
  above.append(layer);
  return layer;
}

const svg = 'http://www.w3.org/2000/svg';

type Place = (x: number, y: number) => readonly [x: number, y: number];
/** Pixels within the axes of a value in their units. */
function placeIn(plot: PlotElement): Place {
  const { xaxis, yaxis } = plot._fullLayout!;
  return (x, y) => [xaxis.d2p(x), yaxis.d2p(y)];
}

function marksOf({ lines, bands, data, selected }: ShownLines, place: Place): SVGPathElement[] {
  const { many, single } = selectedLines(lines, selected);
  type Marked = { readonly candidate: number };
  /** One path for all of a kind. */
  const joined = <Of extends Marked>(
    all: readonly Of[],
    pathOf: (each: Of, kind: Symmetry) => string,
    styleOf: (ink: string) => string,
  ): SVGPathElement[] =>
    symmetryKinds.flatMap((kind) => {
      const members = all.filter(({ candidate }) => data.candidates[candidate]!.symmetry === kind);
      const path = members.map((each) => pathOf(each, kind)).join('');
      return path === '' ? [] : [pathElement(path, styleOf(`var(--${kind})`))];
    });
  const lineOf = (line: Line): string => linePath(line, place);
  const pointsOf = (size: number) => (line: Line, kind: Symmetry) => pointsPath(line, kind, size, place);
  const chosen = bands.filter(({ candidate }) => selected.has(candidate));
  const alone = many.filter(({ x }) => x.length === 1);
  const { band, joined: thin, alone: point, single: strong } = lineLooks;
  return [
    ...joined(
      chosen,
      (each) => bandPath(each, place),
      (ink) => `fill: ${ink}; fill-opacity: ${band.opacity}`,
    ),
    ...joined(many, lineOf, (ink) => strokeStyle(ink, thin.width, thin.opacity)),
    ...joined(alone, pointsOf(point.size), (ink) => `fill: ${ink}; fill-opacity: ${1.4 * thin.opacity}`),
    ...single.flatMap((line) => [
      ...joined([line], lineOf, (ink) => strokeStyle(ink, strong.width, 1)),
      ...joined([line], pointsOf(strong.size), (ink) => `fill: ${ink}`),
    ]),
  ];
}

function pathElement(path: string, style: string): SVGPathElement {
  const element = document.createElementNS(svg, 'path');
  element.setAttribute('d', path);
  element.setAttribute('style', style);
  return element;
}

const strokeStyle = (ink: string, width: number, opacity: number): string =>
  `fill: none; stroke: ${ink}; stroke-width: ${width}px; stroke-opacity: ${opacity}; ` +
  'stroke-linecap: round; stroke-linejoin: round';

const fixed = (value: number): string => value.toFixed(2);

/** Broken where a value is missing. */
function linePath({ x, y }: Line, place: Place): string {
  let path = '';
  let isOpen = false;
  for (let index = 0; index < x.length; index++) {
    const value = y[index];
    if (value !== null && value !== undefined) {
      const [px, py] = place(x[index]!, value);
      path += `${isOpen ? 'L' : 'M'}${fixed(px)} ${fixed(py)}`;
    }
    isOpen = value !== null;
  }
  return path;
}

const pointsPath = ({ x, y }: Line, kind: Symmetry, size: number, place: Place): string =>
  y
    .map((value, index) => (value === null ? '' : kindPath(kind, size / 2, ...place(x[index]!, value))))
    .join('');

function bandPath({ x, low, high }: Band, place: Place): string {
  const edge = (values: readonly number[]): string[] =>
    values.map((value, index) => place(x[index]!, value).map(fixed).join(' '));
  return `M${[...edge(high), ...edge(low).reverse()].join('L')}z`;
}
