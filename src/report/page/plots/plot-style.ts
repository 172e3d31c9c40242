/**
 * Style shared by all plots: colours of the active theme, read from the style sheet, axes, and the theme
 * toggle.
 */
import type { Layout } from './plotly.js';

export interface Colours {
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  readonly line: string;
  readonly background: string;
  readonly surface: string;
  readonly accent: string;
  readonly front: string;
  readonly ring: string;
  readonly symmetric: string;
  readonly asymmetric: string;
  readonly unmixed: string;
  readonly sans: string;
  readonly mono: string;
}

export function colours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    text: read('text'),
    muted: read('muted'),
    grid: read('grid'),
    line: read('line'),
    background: read('background'),
    surface: read('surface'),
    accent: read('accent'),
    front: read('front'),
    ring: read('ring'),
    symmetric: read('symmetric'),
    asymmetric: read('asymmetric'),
    unmixed: read('unmixed'),
    sans: read('sans'),
    mono: read('mono'),
  };
}

/** Layout shared by all plots. */
export function baseLayout(c: Colours): Layout {
  return {
    font: { family: c.sans, size: 13, color: c.text },
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    showlegend: false,
    hovermode: 'closest',
    dragmode: 'zoom',
    uirevision: 'kept',
    margin: { l: 58, r: 14, t: 10, b: 50 },
    modebar: { bgcolor: 'rgba(0,0,0,0)', color: c.muted, activecolor: c.text, orientation: 'v' },
    selections: [],
    newselection: { line: { color: c.accent, width: 1, dash: 'solid' } },
  };
}

export function axis(c: Colours, title: string, more: Readonly<Record<string, unknown>> = {}): Layout {
  return {
    title: { text: title, font: { size: 13, color: c.muted }, standoff: 10 },
    gridcolor: c.grid,
    linecolor: c.line,
    zeroline: false,
    showline: true,
    ticks: 'outside',
    ticklen: 4,
    tickcolor: c.line,
    tickfont: { color: c.muted },
    automargin: true,
    ...more,
  };
}

/** `, %` after an axis title; empty without a unit. */
export const unitSuffix = (unit: string): string => (unit ? `, ${unit}` : '');

/** Ticks of a logarithmic axis: 1, 2 and 5 of each decade; finer ones where data span too few of these. */
export function logTicks(values: readonly (number | null)[]): Layout {
  const numbers = values.filter((value): value is number => value !== null && value > 0);
  if (numbers.length === 0) return {};
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const ticksOf = (steps: readonly number[]): number[] => {
    const decades = Array.from(
      { length: Math.floor(Math.log10(high * 1.5)) - Math.floor(Math.log10(low / 1.5)) + 1 },
      (_, index) => 10 ** (Math.floor(Math.log10(low / 1.5)) + index),
    );
    return decades.flatMap((decade) => steps.map((step) => Number((step * decade).toPrecision(6))));
  };
  const coarse = ticksOf([1, 2, 5]);
  const isEnough = coarse.filter((tick) => tick >= low && tick <= high).length > 1;
  const within = (isEnough ? coarse : ticksOf([1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9])).filter(
    (tick) => tick >= low / 1.5 && tick <= high * 1.5,
  );
  return { tickvals: within, ticktext: within.map((tick) => tick.toLocaleString('en')) };
}

/** `#rrggbb` with an opacity. */
export const withOpacity = (colour: string, opacity: number): string =>
  `${colour}${Math.round(opacity * 255)
    .toString(16)
    .padStart(2, '0')}`;

/** Prints in the light theme; what is on the screen returns afterwards. Calls `redraw` at each change. */
export function printInLight(redraw: () => void): void {
  const root = document.documentElement;
  let before: string | undefined;
  const set = (theme: string | undefined): void => {
    if (theme === undefined) delete root.dataset['theme'];
    else root.dataset['theme'] = theme;
    redraw();
  };
  addEventListener('beforeprint', () => {
    before = root.dataset['theme'];
    set('light');
  });
  addEventListener('afterprint', () => set(before));
}

/** Calls `redraw` when the button or the system changes the theme. The choice lasts for this page view. */
export function wireThemeToggle(button: HTMLButtonElement, redraw: () => void): void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const current = (): string =>
    document.documentElement.dataset['theme'] ?? (system.matches ? 'dark' : 'light');
  const label = (): void => {
    button.textContent = current() === 'dark' ? 'Light theme' : 'Dark theme';
  };
  button.addEventListener('click', () => {
    document.documentElement.dataset['theme'] = current() === 'dark' ? 'light' : 'dark';
    label();
    redraw();
  });
  system.addEventListener('change', () => {
    label();
    redraw();
  });
  label();
  button.hidden = false;
}
