/**
 * Histograms of a space as a standalone SVG: one panel per measure, bar heights as shares of the members.
 * `histogramInfo` computes the data, `histogramSvg` draws it.
 */
import { escapeMarkup } from '../../util/escape-markup.js';
import { roundTicks, shortText } from '../charts/axis-ticks.js';
import { blockColour, fontFamilies, type Theme, type ThemeName, themes } from '../report-theme.js';

export interface Histogram {
  readonly title: string;
  /** Colours the bars like the letter's blocks; absent: a neutral colour. */
  readonly letter?: string;
  /** Number of members with low ≤ value ≤ high; low equals high for discrete values. */
  readonly bins: readonly { readonly low: number; readonly high: number; readonly count: bigint }[];
}
export interface HistogramSvgOptions {
  /** Default light. */
  readonly theme?: ThemeName;
  /** Pixels; default 760. The height follows from the number of panels. */
  readonly width?: number;
}
export interface Panel {
  readonly title: string;
  readonly letter: string | undefined;
  /** Whether all values are discrete integers. */
  readonly single: boolean;
  readonly low: number;
  readonly high: number;
  /** Highest share of a bar, 0..1. */
  readonly most: number;
  readonly bars: readonly {
    readonly from: number;
    readonly to: number;
    readonly share: number;
    readonly count: bigint;
  }[];
}

/** Converts exact counts to shares; a discrete value gets a bar of width 0.8. */
export function histogramInfo(histograms: readonly Histogram[]): Panel[] {
  return histograms
    .filter(({ bins }) => bins.length > 0)
    .map(({ title, letter, bins }) => {
      const total = bins.reduce((sum, { count }) => sum + count, 0n);
      const single = bins.every(({ low, high }) => low === high && Number.isInteger(low));
      const span = Math.max(...bins.map(({ high }) => high)) - Math.min(...bins.map(({ low }) => low)) || 1;
      const bars = bins.map(({ low, high, count }) => ({
        ...barEnds(low, high, single, span),
        count,
        share: total === 0n ? 0 : Number((count * 10n ** 12n) / total) / 1e12,
      }));
      return {
        title,
        letter,
        bars,
        single,
        low: Math.min(...bars.map(({ from }) => from)),
        high: Math.max(...bars.map(({ to }) => to)),
        most: Math.max(...bars.map(({ share }) => share)),
      };
    });
}

/** @param span of all bins */
function barEnds(low: number, high: number, single: boolean, span: number): { from: number; to: number } {
  if (single) return { from: low - 0.4, to: high + 0.4 };
  // A single value among ranges (asymmetry 0) gets a bar to its left, wide enough to be visible.
  return { from: low === high ? low - span * 0.03 : low, to: high };
}

const height = 190;
const round = (value: number): number => Number(value.toFixed(2));
const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`;

function panelSvg(panel: Panel, theme: Theme, width: number): string {
  const box = { left: 54, right: width - 16, top: 30, bottom: height - 30 };
  const x = (value: number): number =>
    round(box.left + ((value - panel.low) / (panel.high - panel.low || 1)) * (box.right - box.left));
  const y = (share: number): number =>
    round(box.bottom - (share / (panel.most || 1)) * (box.bottom - box.top));
  const colour = panel.letter === undefined ? theme.ring : blockColour(panel.letter, theme);
  const look = colour === 'none' ? `fill="none" stroke="${theme.muted}"` : `fill="${colour}"`;
  return [
    `<text x="${box.left}" y="18">${escapeMarkup(panel.title)}</text>`,
    ...roundTicks(0, panel.most, 4).map(
      (tick) =>
        `<path d="M${box.left} ${y(tick)}H${box.right}" stroke="${theme.grid}"/><text ` +
        `x="${box.left - 6}" y="${y(tick) + 4}" text-anchor="end" font-size="10.5" ` +
        `fill="${theme.muted}">${percent(tick)}</text>`,
    ),
    ...panel.bars.map(
      ({ from, to, share, count }) =>
        `<rect x="${x(from)}" y="${y(share)}" width="${round(Math.max(1, x(to) - x(from) - 0.5))}" ` +
        `height="${round(box.bottom - y(share))}" ` +
        `${look}><title>${escapeMarkup(`${count}`)}</title></rect>`,
    ),
    `<path d="M${box.left} ${box.bottom}H${box.right}" stroke="${theme.line}"/>`,
    ...(panel.single
      ? roundTicks(Math.ceil(panel.low), Math.floor(panel.high), 7).filter(Number.isInteger)
      : roundTicks(panel.low, panel.high, 7)
    ).map(
      (tick) =>
        `<text x="${x(tick)}" y="${box.bottom + 16}" text-anchor="middle" font-size="10.5" ` +
        `fill="${theme.muted}">${shortText(tick)}</text>`,
    ),
  ].join('\n');
}

/** @param title stands above the panels, e.g. the name and size of the space */
export function histogramSvg(
  title: string,
  histograms: readonly Histogram[],
  options: HistogramSvgOptions = {},
): string {
  const { width = 760 } = options;
  const theme: Theme = themes[options.theme ?? 'light'];
  const panels = histogramInfo(histograms);
  const columns = panels.length > 1 && width >= 560 ? 2 : 1;
  const total = 40 + Math.ceil(panels.length / columns) * height;
  const drawn = panels.map((panel, index) => {
    const x = (index % columns) * (width / columns);
    const y = 40 + Math.floor(index / columns) * height;
    return `<g transform="translate(${x} ${y})">\n${panelSvg(panel, theme, width / columns)}\n</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${total}" \
viewBox="0 0 ${width} ${total}" role="img" aria-label="${escapeMarkup(title)}" \
font-family="${escapeMarkup(fontFamilies.sans)}" font-size="12.5" fill="${theme.text}">
<rect width="${width}" height="${total}" fill="${theme.background}"/>
<text x="16" y="24" font-size="14">${escapeMarkup(title)}</text>
${drawn.join('\n')}
</svg>
`;
}
