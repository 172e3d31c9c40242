/** Marks of the kinds of layouts: circles, diamonds and squares, the same on page and in exported figures. */
import type { Symmetry } from '../architecture/layout.js';

/** Plotly's symbols. */
export const kindSymbols = {
  symmetric: 'circle',
  asymmetric: 'diamond',
  unmixed: 'square',
} as const satisfies Record<Symmetry, string>;

/** Path of a mark around the origin in an SVG. @param r radius of the circle of equal weight, pixels */
export function kindPath(kind: Symmetry, r: number): string {
  const fixed = (value: number): string => String(Number(value.toFixed(2)));
  const arc = (to: number): string => `a${fixed(r)} ${fixed(r)} 0 1 0 ${fixed(to)} 0`;
  switch (kind) {
    case 'symmetric':
      return `M${fixed(-r)} 0${arc(2 * r)}${arc(-2 * r)}z`;
    case 'asymmetric': {
      const d = 1.2 * r;
      return `M0 ${fixed(-d)}l${fixed(d)} ${fixed(d)}l${fixed(-d)} ${fixed(d)}l${fixed(-d)} ${fixed(-d)}z`;
    }
    case 'unmixed': {
      const s = 0.9 * r;
      return `M${fixed(-s)} ${fixed(-s)}h${fixed(2 * s)}v${fixed(2 * s)}h${fixed(-2 * s)}z`;
    }
    default:
      return kind satisfies never;
  }
}
