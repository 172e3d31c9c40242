/** Draws a chart as SVG: for a file in one theme, or for the page with the variables of its style. */
import { escapeMarkup } from '../../util/escape-markup.js';
import { kindPath } from '../kind-marks.js';
import { fontFamilies, type ThemeName, themes } from '../report-theme.js';
import type { Chart, Ink, Mark } from './chart.js';
import { chartScale, markValues, type Scale } from './chart-scale.js';

export interface ChartSvgOptions {
  /** Default light; `page`: the variables of the page's style, for both of its themes. */
  readonly theme?: ThemeName | 'page';
  /** Pixels; default 640. */
  readonly width?: number;
}

type Colour = Ink | 'background' | 'grid' | 'line';
interface Frame {
  readonly x: Scale;
  readonly y: Scale;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  colour(name: Colour): string;
}

const fontSize = 12.5;
const letterWidth = 6.6;
const fixed = (value: number): string => String(Number(value.toFixed(2)));

export function chartSvg(chart: Chart, { theme = 'light', width = 640 }: ChartSvgOptions = {}): string {
  const height = Math.round(width * (chart.aspect ?? 0.62));
  const colour = (name: Colour): string =>
    theme === 'page'
      ? `var(--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)})`
      : themes[theme][name];
  const frame = frameOf(chart, width, height, colour);
  const ground =
    theme === 'page'
      ? ''
      : `<rect width="${width}" height="${height}" style="fill:${colour('background')}"/>\n`;
  const namespace = theme === 'page' ? '' : ' xmlns="http://www.w3.org/2000/svg"';
  return `<svg${namespace} viewBox="0 0 ${width} ${height}" width="${width}" \
height="${height}" class="chart" role="img" aria-label="${escapeMarkup(chart.title)}" \
style="max-width:100%;height:auto;font:${fontSize}px ${escapeMarkup(fontFamilies.sans)};\
fill:${colour('text')}">
${ground}${gridMarkup(chart, frame)}
${chart.marks.map((mark) => markMarkup(mark, frame)).join('\n')}
${axisTitles(chart, frame, width, height)}
${legendMarkup(chart, frame)}
</svg>
`;
}

function frameOf(chart: Chart, width: number, height: number, colour: Frame['colour']): Frame {
  const top = chart.legend?.length ? 48 : 28;
  const bottom = height - 48;
  const yOf = (from: number, to: number): Scale =>
    chartScale(chart.y, markValues(chart, 'y'), from, to, Math.max(3, Math.round((bottom - top) / 46)));
  const isListed = chart.y.scale === 'categories';
  const y = isListed ? yOf(top, bottom) : yOf(bottom, top);
  const widest = y.ticks.reduce((most, { text }) => Math.max(most, text.length), 1);
  const left = Math.min(width * 0.4, 16 + widest * letterWidth);
  const barLabels = chart.marks.flatMap((mark) =>
    mark.kind === 'bars' ? mark.bars.map(({ label }) => label.length * letterWidth) : [],
  );
  const lineLabels = chart.marks.flatMap((mark) =>
    mark.kind === 'line' && mark.label ? [mark.label.length * letterWidth] : [],
  );
  const right = width - 14 - Math.max(0, ...barLabels, ...lineLabels);
  const most = Math.max(2, Math.floor((right - left) / 70));
  const x = chartScale(chart.x, markValues(chart, 'x'), left, right, most);
  return { x, y, left, right, top, bottom, colour };
}

function gridMarkup({ x, y }: Chart, frame: Frame): string {
  const { left, right, top, bottom, colour } = frame;
  const grid = (x1: number, x2: number, y1: number, y2: number): string =>
    `<line x1="${x1}" x2="${x2}" y1="${y1}" y2="${y2}" style="stroke:${colour('grid')}"/>`;
  const text = (at: string, anchor: string, content: string): string =>
    `<text ${at} text-anchor="${anchor}" style="fill:${colour('muted')}">${escapeMarkup(content)}</text>`;
  const columns = frame.x.ticks.map(({ at, text: name }) => {
    const place = frame.x(at);
    const line = x.scale === 'categories' ? '' : grid(place, place, top, bottom);
    return line + text(`x="${place}" y="${bottom + 18}"`, 'middle', name);
  });
  const rows = frame.y.ticks.map(({ at, text: name }) => {
    const place = frame.y(at);
    const line = y.scale === 'categories' ? '' : grid(left, right, place, place);
    return line + text(`x="${left - 8}" y="${fixed(place + 4)}"`, 'end', name);
  });
  const ends = `x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"`;
  const base = `<line ${ends} style="stroke:${colour('line')}"/>`;
  return [...columns, ...rows, base].join('');
}

const axisTitles = ({ x, y }: Chart, { right, colour }: Frame, width: number, height: number): string =>
  `<text x="${Math.max(right, width - 14)}" y="${height - 8}" text-anchor="end" \
style="fill:${colour('muted')}">${escapeMarkup(x.title)}</text>` +
  `<text x="8" y="16" style="fill:${colour('muted')}">${escapeMarkup(y.title)}</text>`;

function legendMarkup({ legend = [] }: Chart, { left, colour }: Frame): string {
  let at = left + 6;
  return legend
    .map(({ label, ink, symbol, dashed }) => {
      const path = symbol ? kindPath(symbol, 4.5) : 'M-6 0h12';
      const dash = dashed ? ';stroke-dasharray:4 4' : '';
      const paint = symbol ? `fill:${colour(ink)}` : `stroke:${colour(ink)};stroke-width:2.5${dash}`;
      const entry =
        `<path d="${path}" transform="translate(${fixed(at)} 34)" style="${paint}"/>` +
        `<text x="${fixed(at + 10)}" y="38" style="fill:${colour('muted')}">${escapeMarkup(label)}</text>`;
      at += 34 + label.length * letterWidth;
      return entry;
    })
    .join('');
}

function markMarkup(mark: Mark, frame: Frame): string {
  switch (mark.kind) {
    case 'points':
      return pointsMarkup(mark, frame);
    case 'line':
      return lineMarkup(mark, frame);
    case 'band':
      return bandMarkup(mark, frame);
    case 'bars':
      return barsMarkup(mark, frame);
    case 'cells':
      return cellsMarkup(mark, frame);
    default:
      return mark satisfies never;
  }
}

const ofCandidate = (candidate: number | undefined): string =>
  candidate === undefined ? '' : ` data-candidate="${candidate}"`;

type Of<K extends Mark['kind']> = Extract<Mark, { readonly kind: K }>;

function pointsMarkup(mark: Of<'points'>, { x, y, colour }: Frame): string {
  const { ink, symbol = 'symmetric', radius = 3.5, opacity = 1, intervals = 'y' } = mark;
  const body = mark.points.map((point) => {
    const [px, py] = [x(point.x), y(point.y)];
    const { low, high } = point;
    const isKnown = low !== undefined && high !== undefined;
    const ends = (): string =>
      intervals === 'y' ? `M${px} ${y(low!)}V${y(high!)}` : `M${x(low!)} ${py}H${x(high!)}`;
    const bar = isKnown && `<path d="${ends()}" style="stroke:${colour(ink)};stroke-opacity:.5;fill:none"/>`;
    const title = point.label === undefined ? '' : `<title>${escapeMarkup(point.label)}</title>`;
    const path = kindPath(symbol, radius, px, py);
    return `${bar || ''}<path d="${path}"${ofCandidate(point.candidate)}>${title}</path>`;
  });
  const paint = mark.hollow
    ? `fill:${colour('background')};stroke:${colour(ink)};stroke-width:1.6`
    : `fill:${colour(ink)};fill-opacity:${opacity}`;
  return `<g style="${paint}">${body.join('')}</g>`;
}

function lineMarkup(mark: Of<'line'>, { x, y, colour }: Frame): string {
  const { points, ink, step, width = 1.6, opacity = 1, dashed = false } = mark;
  if (points.length === 0) return '';
  const path = points
    .map(([px, py], index) => {
      const [to, at] = [x(px), y(py)];
      if (index === 0) return `M${to} ${at}`;
      if (step === 'after') return `H${to}V${at}`;
      return step === 'before' ? `V${at}H${to}` : `L${to} ${at}`;
    })
    .join('');
  const [endX, endY] = points.at(-1)!;
  const label = mark.label
    ? `<text x="${fixed(x(endX) + 6)}" y="${fixed(y(endY) + 4)}" style="fill:${colour(ink)}">` +
      `${escapeMarkup(mark.label)}</text>`
    : '';
  const dash = dashed ? ';stroke-dasharray:4 4' : '';
  return (
    `<path d="${path}"${ofCandidate(mark.candidate)} style="fill:none;stroke:${colour(ink)};` +
    `stroke-width:${width};stroke-opacity:${opacity};stroke-linejoin:round${dash}"/>${label}`
  );
}

function bandMarkup({ x: xs, low, high, ink, step = false }: Of<'band'>, { x, y, colour }: Frame): string {
  if (xs.length === 0) return '';
  const edge = (values: readonly number[], order: readonly number[]): string[] =>
    order.map((index) => `${x(xs[index]!)} ${y(values[index]!)}`);
  const rising = xs.map((_, index) => index);
  const falling = [...rising].reverse();
  const stepped = (points: readonly string[], verticalFirst: boolean): string =>
    points
      .map((point, index) => {
        const [px, py] = point.split(' ');
        if (index === 0 || !step) return `${index === 0 ? '' : 'L'}${point}`;
        return verticalFirst ? `V${py}H${px}` : `H${px}V${py}`;
      })
      .join('');
  const path = `M${stepped(edge(high, rising), false)}L${stepped(edge(low, falling), true)}z`;
  return `<path d="${path}" style="fill:${colour(ink)};fill-opacity:.16;stroke:none"/>`;
}

function barsMarkup({ bars, ink }: Of<'bars'>, { x, y, colour, top, bottom }: Frame): string {
  const height = Math.min(22, ((bottom - top) / Math.max(1, bars.length)) * 0.55);
  return bars
    .map((bar) => {
      const [at, end] = [y(bar.y), x(bar.x)];
      return (
        `<rect x="${x(0)}" y="${fixed(at - height / 2)}" width="${fixed(Math.max(0, end - x(0)))}" ` +
        `height="${fixed(height)}" style="fill:${colour(ink)};fill-opacity:.6"/>` +
        `<text x="${fixed(end + 6)}" y="${fixed(at + 4)}" style="fill:${colour('text')}">` +
        `${escapeMarkup(bar.label)}</text>`
      );
    })
    .join('');
}

function cellsMarkup({ cells, inks }: Of<'cells'>, { x, y, colour }: Frame): string {
  const [wide, high] = [Math.abs(x(1) - x(0)) - 3, Math.abs(y(1) - y(0)) - 3];
  return cells
    .map(({ x: column, y: row, strength, label, title, place }) => {
      const ink = colour(strength < 0 ? inks[0] : inks[1]);
      const opacity = fixed(0.05 + 0.5 * Math.min(1, Math.abs(strength))); // texts stay readable
      const [cx, cy] = [x(column), y(row)];
      return (
        `<g${place ? ` data-place="${place.stage} ${place.position}"` : ''}>` +
        `<title>${escapeMarkup(title)}</title>` +
        `<rect x="${fixed(cx - wide / 2)}" y="${fixed(cy - high / 2)}" width="${fixed(wide)}" ` +
        `height="${fixed(high)}" rx="3" style="fill:${ink};fill-opacity:${opacity}"/>` +
        `<text x="${cx}" y="${fixed(cy + 4)}" text-anchor="middle">${escapeMarkup(label)}</text></g>`
      );
    })
    .join('');
}
