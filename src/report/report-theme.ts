/**
 * Colours, fonts and spacing of the page and of exported figures. C is blue and T orange (Okabe and Ito,
 * https://jfly.uni-koeln.de/color/). The kinds of layouts have three other hues and different marker
 * shapes.
 */

export interface Theme {
  readonly background: string;
  /** Panels and the table's head. */
  readonly surface: string;
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly grid: string;
  /** Links, focus, the selected row's edge. */
  readonly accent: string;
  readonly selected: string;
  readonly front: string;
  readonly ring: string;
  readonly symmetric: string;
  readonly asymmetric: string;
  readonly unmixed: string;
  readonly warning: string;
  readonly blockC: string;
  readonly blockT: string;
  /** Letters other than C, T and I, by alphabet position modulo their number. */
  readonly blockOthers: readonly string[];
}

export const themes = {
  light: {
    background: '#fdfdfc',
    surface: '#f4f5f3',
    text: '#1a1f24',
    muted: '#5c6670',
    line: '#d9dcdb',
    grid: '#eceeed',
    accent: '#0b62a8',
    selected: '#e6f0f9',
    front: '#1a1f24',
    ring: '#8a939b',
    symmetric: '#2a8c76',
    asymmetric: '#a3347c',
    unmixed: '#5d6c8a',
    warning: '#a34a00',
    blockC: '#0072b2',
    blockT: '#e69f00',
    blockOthers: ['#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#8a7f00'],
  },
  dark: {
    background: '#14171a',
    surface: '#1c2024',
    text: '#e7eaec',
    muted: '#9aa5ae',
    line: '#343a40',
    grid: '#262b30',
    accent: '#6db5f0',
    selected: '#20303f',
    front: '#e7eaec',
    ring: '#78828b',
    symmetric: '#52c2a6',
    asymmetric: '#e583c0',
    unmixed: '#9fb1d1',
    warning: '#f0a35e',
    blockC: '#3d9fdb',
    blockT: '#f0b429',
    blockOthers: ['#2bc79c', '#dd97bf', '#82cbf2', '#f08a4b', '#c9bd3a'],
  },
} satisfies Record<string, Theme>;

export type ThemeName = keyof typeof themes;

export const fontFamilies = {
  sans:
    'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", ' +
    '"Liberation Sans", Arial, sans-serif',
  mono:
    'ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", ' +
    '"Liberation Mono", monospace',
} as const;

/** Colour of a block's square; `none` for identity, which is drawn hollow. */
export function blockColour(letter: string, theme: Theme): string {
  const first = letter[0] ?? '';
  if (first === 'C') return theme.blockC;
  if (first === 'T') return theme.blockT;
  if (first === 'I') return 'none';
  return theme.blockOthers[(first.codePointAt(0) ?? 0) % theme.blockOthers.length]!;
}

/** CSS custom properties of one theme: `--text: #…;` and so on, `--others-0…` for further letters. */
export function themeVariables(theme: Theme): string {
  return Object.entries(theme)
    .flatMap(([name, value]) =>
      typeof value === 'string'
        ? [`--${kebab(name)}: ${value};`]
        : value.map((colour: string, index: number) => `--others-${index}: ${colour};`),
    )
    .join(' ');
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
