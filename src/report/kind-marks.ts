/** Marks of the kinds of layouts: circles, diamonds and squares, the same on page and in exported figures. */
import type { Symmetry } from '../architecture/layout.js';

/** Plotly's symbols. */
export const kindSymbols = {
  symmetric: 'circle',
  asymmetric: 'diamond',
  unmixed: 'square',
} as const satisfies Record<Symmetry, string>;

/**
 * Path of a mark in an SVG, around `(x, y)`: a browser paints thousands of marks that carry a transform each
 * much slower.
 * @param r radius of the circle of equal weight, pixels @param x default 0 @param y default 0
 */
export function kindPath(kind: Symmetry, r: number, x = 0, y = 0): string {
  const fixed = (value: number): string => String(Number(value.toFixed(2)));
  const from = (dx: number, dy: number): string => `M${fixed(x + dx)} ${fixed(y + dy)}`;
  const arc = (to: number): string => `a${fixed(r)} ${fixed(r)} 0 1 0 ${fixed(to)} 0`;
  switch (kind) {
    case 'symmetric':
      return `${from(-r, 0)}${arc(2 * r)}${arc(-2 * r)}z`;
    case 'asymmetric': {
      const d = 1.2 * r;
      return `${from(0, -d)}l${fixed(d)} ${fixed(d)}l${fixed(-d)} ${fixed(d)}l${fixed(-d)} ${fixed(-d)}z`;
    }
    case 'unmixed': {
      const s = 0.9 * r;
      return `${from(-s, -s)}h${fixed(2 * s)}v${fixed(2 * s)}h${fixed(-2 * s)}z`;
    }
    default:
      return kind satisfies never;
  }
}
