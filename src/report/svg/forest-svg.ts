/** A forest plot: a line per effect with its interval about zero, as a standalone SVG or part of the page. */
import { escapeMarkup } from '../../util/escape-markup.js';
import { roundTicks } from '../charts/axis-ticks.js';
import type { EffectsInfo } from '../figures/effects-figure.js';
import { fontFamilies, type ThemeName, themes } from '../report-theme.js';

export interface ForestSvgOptions {
  /** Default light; `page`: the variables of the page's style, for both of its themes. */
  readonly theme?: ThemeName | 'page';
  /** Pixels; default 860. */
  readonly width?: number;
}

const rowHeight = 44;
const [top, bottom] = [12, 46];
const round = (value: number): number => Number(value.toFixed(2));

type Row = EffectsInfo['rows'][number];
type Colours = Record<'background' | 'text' | 'muted' | 'grid' | 'accent', string>;

const pageColours: Colours = {
  background: 'none',
  text: 'var(--text)',
  muted: 'var(--muted)',
  grid: 'var(--grid)',
  accent: 'var(--accent)',
};

/** Zero is always within the range. */
function rangeOf(rows: readonly Row[]): readonly [number, number] {
  const values = rows.flatMap(({ value, low, high }) =>
    [value, low, high].filter((each) => each !== undefined),
  );
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const margin = (high - low || 1) * 0.06;
  return [low - margin, high + margin];
}

const clipped = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

export function forestSvg(info: EffectsInfo, options: ForestSvgOptions = {}): string {
  const { theme = 'light', width = 860 } = options;
  const colours = theme === 'page' ? pageColours : themes[theme];
  const height = top + bottom + rowHeight * Math.max(1, info.rows.length);
  const [left, right] = [Math.round(width * 0.3), Math.round(width * 0.72)];
  const [low, high] = rangeOf(info.rows);
  const x = (value: number): number => round(left + ((value - low) / (high - low)) * (right - left));
  const axisY = height - bottom;
  const ticks = roundTicks(low, high, 6).map(
    (value) =>
      `<line x1="${x(value)}" x2="${x(value)}" y1="${top}" y2="${axisY}" style="stroke:${colours.grid}"/>` +
      `<text x="${x(value)}" y="${axisY + 18}" text-anchor="middle" style="fill:${colours.muted}">` +
      `${escapeMarkup(tickText(value))}</text>`,
  );
  const title = `difference of ${info.response}${info.unit === '' ? '' : `, ${info.unit}`}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ` +
      `width="${width}" height="${height}" role="img" ` +
      `aria-label="${escapeMarkup(`Forest plot: ${title}`)}" ` +
      `style="max-width:100%;height:auto;font:13px ${escapeMarkup(fontFamilies.sans)}">`,
    ...(theme === 'page'
      ? []
      : [`<rect width="${width}" height="${height}" style="fill:${colours.background}"/>`]),
    ...ticks,
    `<line x1="${x(0)}" x2="${x(0)}" y1="${top}" y2="${axisY}" style="stroke:${colours.muted}"/>`,
    ...info.rows.map((row, index) => rowMarkup(row, top + rowHeight * (index + 0.5), { x, right, colours })),
    `<text x="${(left + right) / 2}" y="${height - 8}" text-anchor="middle" style="fill:${colours.muted}">` +
      `${escapeMarkup(title)}</text>`,
    '</svg>',
  ].join('\n');
}

const tickText = (value: number): string => String(value).replace('-', '−');

interface Place {
  readonly x: (value: number) => number;
  readonly right: number;
  readonly colours: Colours;
}

function rowMarkup(row: Row, y: number, { x, right, colours }: Place): string {
  const { value, low, high, isReal } = row;
  const ink = isReal ? colours.accent : colours.muted;
  const interval =
    low === undefined || high === undefined
      ? ''
      : `<line x1="${x(low)}" x2="${x(high)}" y1="${y}" y2="${y}" style="stroke:${ink};stroke-width:2"/>`;
  const mark =
    value === undefined
      ? ''
      : `<circle cx="${x(value)}" cy="${y}" r="5" ` +
        `style="fill:${isReal ? ink : colours.background};stroke:${ink};stroke-width:2"/>`;
  const label = (text: string, dy: number, ink: string, at: number): string =>
    `<text x="${at}" y="${y + dy}" style="fill:${ink}">${escapeMarkup(clipped(text, 34))}` +
    `<title>${escapeMarkup(text)}</title></text>`;
  return [
    label(row.label, -2, colours.text, 8),
    label(`against ${row.against}`, 14, colours.muted, 8),
    interval,
    mark,
    label(row.text, -2, colours.text, right + 14),
    label(row.verdict, 14, colours.muted, right + 14),
  ].join('');
}
