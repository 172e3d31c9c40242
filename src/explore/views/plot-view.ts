/** The scatter plot of the state: accuracy against the chosen cost, what the filter leaves out drawn as small dots. */
import { bytesText, countText, significantText } from '../../analysis/digits.js';
import { block, type Line } from '../lines.js';
import { plotLines, type PlotPoint } from '../plot.js';
import { candidateAt, type State } from '../state.js';
import { glyphs } from '../theme.js';

export function plotView(state: State, width: number, height: number): Line[] {
  const { front, cost, result } = state;
  const shown = new Set(state.order);
  const onFront = new Set(front.front);
  const at = new Map(front.points.map((point) => [point.index, point]));
  const cursor = candidateAt(state);
  const marked = cursor && at.get(result.candidates.indexOf(cursor));
  const points = front.points.map((point): PlotPoint => {
    const { symmetry } = result.candidates[point.index]!;
    const [x, y] = [point.x.value, point.y.value * 100];
    if (marked?.index === point.index) return { x, y, glyph: glyphs[symmetry], role: 'cursor', weight: 5 };
    if (!shown.has(point.index)) return { x, y, glyph: '·', role: 'muted', weight: 1 };
    return { x, y, glyph: onFront.has(point.index) ? glyphs[symmetry] : symmetry === 'symmetric' ? '○' : '◇', role: symmetry, weight: onFront.has(point.index) ? 4 : 3 };
  });
  const direction = cost.better === 'higher' ? 'more is better →' : '← less is better';
  const unit = cost.format === 'measured' && cost.unit ? `, ${cost.unit}` : '';
  return block(plotLines({
    points, xBetter: cost.better, yTitle: 'top-1, %  ↑', xTitle: `${cost.label}${unit}  ${direction}`,
    front: front.front.map((index) => [at.get(index)!.x.value, at.get(index)!.y.value * 100] as const),
    xText: (value) => (cost.format === 'count' ? countText(value) : cost.format === 'bytes' ? bytesText(value) : significantText(value)),
    ...(marked ? { cursor: { x: marked.x.value, y: marked.y.value * 100, low: marked.y.low * 100, high: marked.y.high * 100 } } : {}),
  }, width, height), width, height);
}
