/** The chance level as a dotted line with its value, where it lies near the drawn scores. */
import { isNearScores } from '../../../analysis/summary/chance-range.js';
import type { ScoreDisplay } from '../../figures/score-display.js';
import type { Colours } from './plot-style.js';
import type { Layout } from './plotly.js';

/**
 * Shapes and annotations of a plot's layout; empty where no level is known or it is too far to draw.
 * @param values drawn scores, as displayed
 * @param along the axis that the score is read on
 */
export function chanceLine(
  { chance, scale, unit }: ScoreDisplay,
  values: readonly number[],
  along: 'x' | 'y',
  c: Colours,
): { readonly shapes?: readonly Layout[]; readonly annotations?: readonly Layout[] } {
  if (chance === undefined || !isNearScores(chance * scale, values)) return {};
  const level = chance * scale;
  const text = `chance ${Number(level.toPrecision(3))}${unit && ` ${unit}`}`;
  const ends =
    along === 'y'
      ? { xref: 'paper', x0: 0, x1: 1, y0: level, y1: level }
      : { yref: 'paper', y0: 0, y1: 1, x0: level, x1: level };
  const place =
    along === 'y'
      ? { xref: 'paper', x: 1, y: level, xanchor: 'right', yanchor: 'bottom' }
      : { yref: 'paper', y: 0, x: level, xanchor: 'left', yanchor: 'bottom' };
  return {
    shapes: [{ type: 'line', layer: 'below', line: { color: c.muted, width: 1.2, dash: 'dot' }, ...ends }],
    annotations: [{ text, showarrow: false, font: { size: 11, color: c.muted }, ...place }],
  };
}
