/** The scatter plot of the score against the chosen cost. Layouts outside the filter are small dots. */

import { bytesText, countText, significantText } from '../../analysis/number-text.js';
import type { Objective } from '../../analysis/objectives/objectives.js';
import { unitBeside } from '../../analysis/objectives/quantity-names.js';
import { chanceLevel } from '../../analysis/summary/chance-level.js';
import { isNearScores } from '../../analysis/summary/chance-range.js';
import type { PlotInput, PlotPoint } from '../scatter-plot.js';
import { plotLines } from '../scatter-plot.js';
import type { ScreenState } from '../screen-state.js';
import { cursorCandidate } from '../screen-state.js';
import type { Line } from '../styled-lines.js';
import { block } from '../styled-lines.js';
import { glyphs, hollowGlyphs } from '../terminal-theme.js';

export function plotView(state: ScreenState, width: number, height: number): Line[] {
  const { front, score, cost, result } = state;
  const { scale } = score;
  const shown = new Set(state.order);
  const onFront = new Set(front.front);
  const at = new Map(front.points.map((point) => [point.index, point]));
  const cursor = cursorCandidate(state);
  const marked = cursor && at.get(result.candidates.indexOf(cursor));
  const points = front.points.map((point): PlotPoint => {
    const { symmetry } = result.candidates[point.index]!;
    const [x, y] = [point.x.value, point.y.value * scale];
    if (marked?.index === point.index) return { x, y, glyph: glyphs[symmetry], role: 'cursor', weight: 5 };
    if (!shown.has(point.index)) return { x, y, glyph: '·', role: 'muted', weight: 1 };
    return {
      x,
      y,
      glyph: onFront.has(point.index) ? glyphs[symmetry] : hollowGlyphs[symmetry],
      role: symmetry,
      weight: onFront.has(point.index) ? 4 : 3,
    };
  });
  const named = unitBeside(cost);
  const unit = cost.format === 'measured' && named ? `, ${named}` : '';
  const xName = `${cost.label}${unit}, ${cost.provenance}`;
  const direction = cost.better === 'higher' ? 'higher is better →' : '← lower is better';
  const xTitle =
    xName.length + direction.length + 10 < width
      ? `${xName}  ${direction}`
      : `${xName} ${cost.better === 'higher' ? '→' : '←'}`;
  const yTitle =
    `${score.short}${score.unit && `, ${score.unit}`}  ` +
    `${score.better === 'higher' ? '↑' : '↓ lower is better'}`;
  return block(
    plotLines(
      {
        points,
        xBetter: cost.better,
        yTitle,
        xTitle,
        front: front.front.map((index) => [at.get(index)!.x.value, at.get(index)!.y.value * scale] as const),
        ...chanceInput(state),
        xText: (value) => costText(cost.format, value),
        ...(marked
          ? {
              cursor: {
                x: marked.x.value,
                y: marked.y.value * scale,
                low: marked.y.low * scale,
                high: marked.y.high * scale,
              },
            }
          : {}),
      },
      width,
      height,
    ),
    width,
    height,
  );
}

/** The chance level where it lies near the scores. */
function chanceInput({ score, front, result }: ScreenState): Pick<PlotInput, 'level'> {
  const level = chanceLevel(
    score,
    result.candidates.find((each) => each.scores.length > 0),
  );
  const values = front.points.map((point) => point.y.value * score.scale);
  if (level === undefined || !isNearScores(level * score.scale, values)) return {};
  return { level: { y: level * score.scale, text: `chance ${score.valueText(level)}` } };
}

function costText(format: Objective['format'], value: number): string {
  if (format === 'count') return countText(value);
  return format === 'bytes' ? bytesText(value) : significantText(value);
}
