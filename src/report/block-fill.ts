/** Fill of a block letter as a CSS variable, so that strips follow the theme without a redraw. */
import { themes } from './report-theme.js';

export function blockFill(letter: string): string {
  const first = letter[0] ?? '';
  if (first === 'C') return 'var(--block-c)';
  if (first === 'T') return 'var(--block-t)';
  if (first === 'I') return 'none';
  return `var(--others-${(first.codePointAt(0) ?? 0) % themes.light.blockOthers.length})`;
}
