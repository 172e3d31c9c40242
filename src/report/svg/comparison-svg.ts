/**
 * A comparison of strategies as a standalone SVG: hypervolume and regret against each axis, medians over the
 * seeds as lines, 95 % intervals as bands. `comparisonPanels` computes the data, `comparisonSvg` draws it.
 */
import { fixedText } from '../../analysis/number-text.js';
import type {
  ComparisonAxis,
  ComparisonPoint,
  StrategyComparison,
} from '../../search/tables/compare-strategies.js';
import { escapeMarkup } from '../../util/escape-markup.js';
import { roundTicks, shortText } from '../charts/axis-ticks.js';
import { fontFamilies, type Theme } from '../report-theme.js';

type Measure = 'share' | 'regret';

export interface ComparisonPanel {
  readonly title: string;
  readonly axis: ComparisonAxis;
  readonly measure: Measure;
  readonly low: number;
  readonly high: number;
  readonly end: number;
  readonly lines: readonly { readonly label: string; readonly points: readonly ComparisonPoint[] }[];
}

export interface ComparisonSvgOptions {
  /** Colours; their values may be CSS variables where the SVG stands in a page. */
  readonly theme: Theme;
  /** Simulated workers; default 1. The clock gets panels of its own with more than one. */
  readonly workers?: number;
}

const axisNames = {
  trials: 'trials',
  computeSeconds: 'seconds of training',
  clockSeconds: 'seconds on the simulated clock',
} as const satisfies Record<ComparisonAxis, string>;

const measureNames = {
  share: 'Hypervolume, % of the full front’s',
  regret: 'Regret, % (logarithmic)',
} as const satisfies Record<Measure, string>;

/** Smallest regret that is drawn: what is below lies on the lower edge. */
const LEAST_REGRET = 1e-4;

/** Axes that say something of their own: seconds where the table has them, the clock with several workers. */
export const comparedAxes = (comparison: StrategyComparison, workers = 1): ComparisonAxis[] => [
  'trials',
  ...(comparison.timed ? (['computeSeconds'] as const) : []),
  ...(workers > 1 ? (['clockSeconds'] as const) : []),
];

/** Two panels per axis, strategies by their mean rank. */
export function comparisonPanels(comparison: StrategyComparison, workers = 1): ComparisonPanel[] {
  const order = rankedRows(comparison).map(({ label }) => label);
  return comparedAxes(comparison, workers).flatMap((axis) =>
    (['share', 'regret'] as const).map((measure): ComparisonPanel => {
      const own = comparison.points.filter((point) => point.axis === axis);
      const end = Math.max(...own.map(({ at }) => at));
      // The first tenth holds the steep rise, which would flatten everything after it.
      const shown = own.filter(({ at }) => at >= end / 10);
      const lows = shown.map((point) => point[measure].low);
      const highs = shown.map((point) => point[measure].high);
      return {
        title: measureNames[measure],
        axis,
        measure,
        low: measure === 'share' ? Math.min(...lows) : Math.max(LEAST_REGRET, Math.min(...lows)),
        high: measure === 'share' ? 1 : Math.max(...highs, 10 * LEAST_REGRET),
        end,
        lines: order.map((label) => ({ label, points: own.filter((point) => point.label === label) })),
      };
    }),
  );
}

/** Best mean rank first. */
export const rankedRows = ({ rows }: StrategyComparison): StrategyComparison['rows'] =>
  [...rows].sort((a, b) => a.meanRank - b.meanRank);

const [PANEL_WIDTH, PANEL_HEIGHT, LEGEND_ROW, LEGEND_COLUMN] = [430, 270, 20, 210] as const;
const dashes = ['', '6 3', '2 3', '8 3 2 3'];

function lineLook(index: number, theme: Theme): { readonly colour: string; readonly dash: string } {
  const colours = [theme.blockC, theme.blockT, ...theme.blockOthers];
  const dash = dashes[Math.floor(index / colours.length) % dashes.length]!;
  return {
    colour: colours[index % colours.length]!,
    dash: dash === '' ? '' : ` stroke-dasharray="${dash}"`,
  };
}

/** @param title stands above the panels */
export function comparisonSvg(
  title: string,
  comparison: StrategyComparison,
  { theme, workers = 1 }: ComparisonSvgOptions,
): string {
  const panels = comparisonPanels(comparison, workers);
  const width = 2 * PANEL_WIDTH;
  const labels = panels[0]!.lines.map(({ label }) => label);
  const perRow = Math.max(1, Math.floor((width - 32) / LEGEND_COLUMN));
  const top = 42 + Math.ceil(labels.length / perRow) * LEGEND_ROW;
  const height = top + (panels.length / 2) * PANEL_HEIGHT;
  const legend = labels.map((label, index) => {
    const { colour, dash } = lineLook(index, theme);
    const [x, y] = [16 + (index % perRow) * LEGEND_COLUMN, 46 + Math.floor(index / perRow) * LEGEND_ROW];
    return (
      `<path d="M${x} ${y - 4}h22" stroke="${colour}" stroke-width="2"${dash}/><text x="${x + 28}" ` +
      `y="${y}" font-size="11.5">${escapeMarkup(label)}</text>`
    );
  });
  const drawn = panels.map((panel, index) => {
    const [x, y] = [(index % 2) * PANEL_WIDTH, top + Math.floor(index / 2) * PANEL_HEIGHT];
    return `<g transform="translate(${x} ${y})">\n${panelSvg(panel, theme, index)}\n</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" \
viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeMarkup(title)}" \
font-family="${escapeMarkup(fontFamilies.sans)}" font-size="12.5" fill="${theme.text}">
<rect width="${width}" height="${height}" fill="${theme.background}"/>
<text x="16" y="24" font-size="14">${escapeMarkup(title)}</text>
${legend.join('\n')}
${drawn.join('\n')}
</svg>
`;
}

const box = { left: 58, right: PANEL_WIDTH - 18, top: 34, bottom: PANEL_HEIGHT - 46 };

function panelSvg(panel: ComparisonPanel, theme: Theme, index: number): string {
  const x = (at: number): number => round(box.left + (at / panel.end) * (box.right - box.left));
  const y = heightScale(panel);
  const clip = `clip-${index}`;
  const marks = valueTicks(panel);
  return [
    `<clipPath id="${clip}"><rect x="${box.left}" y="${box.top - 3}" ` +
      `width="${box.right - box.left + 2}" height="${box.bottom - box.top + 5}"/></clipPath>`,
    `<text x="${box.left}" y="22">${panel.title}</text>`,
    ...marks.map(
      (tick) =>
        `<path d="M${box.left} ${y(tick)}H${box.right}" stroke="${theme.grid}"/><text ` +
        `x="${box.left - 7}" y="${y(tick) + 4}" text-anchor="end" font-size="11" ` +
        `fill="${theme.muted}">${percentText(tick, panel, marks)}</text>`,
    ),
    ...roundTicks(0, panel.end, 5).map(
      (tick) =>
        `<text x="${x(tick)}" y="${box.bottom + 17}" text-anchor="middle" font-size="11" ` +
        `fill="${theme.muted}">${shortText(tick)}</text>`,
    ),
    `<path d="M${box.left} ${box.top}V${box.bottom}H${box.right}" fill="none" stroke="${theme.line}"/>`,
    `<text x="${box.right}" y="${box.bottom + 34}" text-anchor="end" ` +
      `fill="${theme.muted}">${axisNames[panel.axis]}</text>`,
    `<g clip-path="url(#${clip})">`,
    ...panel.lines.map(({ points }, line) => band(points, panel.measure, x, y, lineLook(line, theme).colour)),
    ...panel.lines.map(({ label, points }, line) => {
      const { colour, dash } = lineLook(line, theme);
      const corners = points.map((point) => `${x(point.at)} ${y(point[panel.measure].value)}`);
      return (
        `<path d="M${corners.join('L')}" fill="none" stroke="${colour}" ` +
        `stroke-width="1.6"${dash}><title>${escapeMarkup(label)}</title></path>`
      );
    }),
    '</g>',
  ].join('\n');
}

const round = (value: number): number => Number(value.toFixed(2));

function heightScale({ measure, low, high }: ComparisonPanel): (value: number) => number {
  const map = measure === 'share' ? (value: number) => value : Math.log10;
  const [from, to] = [map(low), map(high)];
  return (value) => {
    const bounded = measure === 'share' ? value : Math.max(low, value);
    return round(box.bottom - ((map(bounded) - from) / (to - from || 1)) * (box.bottom - box.top));
  };
}

function band(
  points: readonly ComparisonPoint[],
  measure: Measure,
  x: (at: number) => number,
  y: (value: number) => number,
  colour: string,
): string {
  const upper = points.map((point) => `${x(point.at)} ${y(point[measure].high)}`);
  const lower = points.map((point) => `${x(point.at)} ${y(point[measure].low)}`).reverse();
  return `<path d="M${[...upper, ...lower].join('L')}Z" fill="${colour}" fill-opacity="0.12"/>`;
}

function valueTicks({ measure, low, high }: ComparisonPanel): number[] {
  if (measure === 'share') return roundTicks(low, high, 5);
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const decades = Math.max(0, Math.floor(Math.log10(high) + 1e-9) - first + 1);
  const ticks = Array.from({ length: decades }, (_, index) => 10 ** (first + index));
  return ticks.length > 1 ? ticks : [low, high];
}

/** A share in %, with the decimals of the step between linear ticks, of its own size between others. */
function percentText(
  share: number,
  { measure }: ComparisonPanel,
  [first, second]: readonly number[],
): string {
  const step = measure === 'share' && second !== undefined ? second - first! : share;
  const decimals = Math.ceil(-Math.log10(Math.abs(100 * step) || 1) - 1e-9);
  return fixedText(100 * share, Math.max(0, Math.min(3, decimals)));
}
