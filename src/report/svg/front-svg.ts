/**
 * The front as a standalone SVG for papers: the page's main plot from the same data and theme. Strips of the
 * front's layouts are drawn beside their points where they fit.
 */

import { fixedText, significantText } from '../../analysis/number-text.js';
import type { Objective } from '../../analysis/objectives/objectives.js';
import { inSentence, mainCost } from '../../analysis/objectives/objectives.js';
import type { Score } from '../../analysis/objectives/result-score.js';
import { mainScore } from '../../analysis/objectives/result-score.js';
import type { FrontPoint } from '../../analysis/pareto/pareto-front.js';
import { frontOf } from '../../analysis/pareto/pareto-front.js';
import { isNearScores } from '../../analysis/summary/chance-range.js';
import { resolutionNote } from '../../analysis/summary/comparable.js';
import type { Symmetry } from '../../architecture/layout.js';
import type { ExperimentResult } from '../../store/experiment-result.js';
import { UserError } from '../../util/errors.js';
import { escapeMarkup } from '../../util/escape-markup.js';
import { rangeOf } from '../../util/statistics/range-of.js';
import { axisUnit } from '../axis-unit.js';
import { scoreDisplay } from '../figures/score-display.js';
import { kindPath } from '../kind-marks.js';
import { nearGap, placeLabels } from '../label-placement.js';
import { stripPaths, stripShapes } from '../layout-strip.js';
import type { Theme, ThemeName } from '../report-theme.js';
import { blockColour, fontFamilies, themes } from '../report-theme.js';

export interface FrontSvgOptions {
  /** Cost on the x axis; default: the main cost of the result. */
  readonly cost?: Objective;
  /** Default light. */
  readonly theme?: ThemeName;
  /** Pixels; default 760 × 460. */
  readonly width?: number;
  readonly height?: number;
}

interface Scale {
  (value: number): number;
  readonly low: number;
  readonly high: number;
}
interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}
interface Drawing {
  readonly score: Score;
  readonly result: ExperimentResult;
  readonly theme: Theme;
  readonly x: Scale;
  readonly y: Scale;
  readonly unit: number;
}

/** @throws UserError where no layout has both a score and the cost */
export function frontSvg(result: ExperimentResult, options: FrontSvgOptions = {}): string {
  const { cost = mainCost(result), width = 760, height = 460 } = options;
  const theme: Theme = themes[options.theme ?? 'light'];
  const score = mainScore(result);
  const front = frontOf(result.candidates, cost, score);
  if (front.points.length === 0)
    throw new UserError(`report: a figure needs layouts with both ${score.id} and ${cost.id}, got none`);
  const axis = axisUnit(cost);
  const unit = axis.divisor;
  const box = { left: 58, right: width - 18, top: 42, bottom: height - 60 };
  const x = scale(
    front.points.flatMap((point) => [point.x.low, point.x.high]).map((value) => value / unit),
    box.left,
    box.right,
  );
  const { chance } = scoreDisplay(score, result);
  const scores = front.points.flatMap((point) => [point.y.low, point.y.high]).map((v) => v * score.scale);
  const level =
    chance !== undefined && isNearScores(chance * score.scale, scores) ? [chance * score.scale] : [];
  const y = scale([...scores, ...level], box.bottom, box.top, score.better === 'lower' ? stripRoom : 0);
  const drawing: Drawing = { score, result, theme, x, y, unit };
  const at = new Map(front.points.map((point) => [point.index, place(point, drawing)]));
  const shown = [...front.points].sort((a, b) => Number(a.onFront) - Number(b.onFront));
  const xName = `${cost.label}${axis.unit && `, ${axis.unit}`}`;
  const yName = `${score.label}${score.unit && `, ${score.unit}`}`;
  const description = `${result.experiment.name}: ${inSentence(score)} against ${cost.label}`;
  const yDirection = score.better === 'higher' ? '(higher is better ↑)' : '(lower is better ↓)';
  const xDirection = cost.better === 'higher' ? '(higher is better →)' : '(← lower is better)';
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" \
viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeMarkup(description)}" \
font-family="${escapeMarkup(fontFamilies.sans)}" font-size="12.5" fill="${theme.text}">
<rect width="${width}" height="${height}" fill="${theme.background}"/>
${grid(drawing, box)}
${level.map((each) => chanceMark(each, drawing, box)).join('')}
<text x="${box.left}" y="24">${escapeMarkup(yName)} <tspan fill="${theme.muted}">${yDirection}</tspan></text>
<text x="${box.right}" y="${height - 20}" text-anchor="end">${escapeMarkup(xName)}, ${cost.provenance} \
<tspan fill="${theme.muted}">${xDirection}</tspan></text>
${legend(theme, box.right)}
${noteText(result, score, theme, box.left, height)}
${[...new Set(front.ties.flat())].map((index) => ring(at.get(index)!, theme)).join('\n')}
<path d="${steps(
    front.front.map((index) => at.get(index)!),
    cost.better,
  )}" fill="none" stroke="${theme.front}" stroke-width="1.4"/>
${shown.map((point) => bars(point, drawing)).join('')}
${shown.map((point) => marker(point, drawing)).join('\n')}
${strips(front.points, drawing, box)}
</svg>
`;
}

/** Share of the range left free below the best points of a score that is minimised, for their strips. */
const stripRoom = 0.1;

function scale(values: readonly number[], from: number, to: number, below = 0): Scale {
  const [least, most] = rangeOf(values);
  const room = (most - least) * 0.05 || Math.abs(most) * 0.05 || 1;
  const [low, high] = [least - room - (most - least) * below, most + room];
  return Object.assign(
    (value: number) => Number((from + ((value - low) / (high - low)) * (to - from)).toFixed(2)),
    { low, high },
  );
}

const place = (point: FrontPoint, { x, y, unit, score }: Drawing): [number, number] => [
  x(point.x.value / unit),
  y(point.y.value * score.scale),
];

function ticks({ low, high }: Scale, count: number): number[] {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

/** Formats a tick with the decimals of the step, so that neighbouring ticks differ. */
function tickText(tick: number, [first, second]: readonly number[]): string {
  if (first === undefined || second === undefined) return significantText(tick);
  return fixedText(tick, Math.max(0, Math.ceil(-Math.log10(second - first) - 1e-9)));
}

function grid(
  { x, y, theme }: Drawing,
  box: { left: number; right: number; top: number; bottom: number },
): string {
  const [xs, ys] = [ticks(x, 7), ticks(y, 6)];
  return [
    ...ys.map(
      (tick) =>
        `<path d="M${box.left} ${y(tick)}H${box.right}" stroke="${theme.grid}"/><text ` +
        `x="${box.left - 8}" y="${y(tick) + 4}" text-anchor="end" ` +
        `fill="${theme.muted}">${tickText(tick, ys)}</text>`,
    ),
    ...xs.map(
      (tick) =>
        `<path d="M${x(tick)} ${box.top}V${box.bottom}" stroke="${theme.grid}"/><text x="${x(tick)}" ` +
        `y="${box.bottom + 18}" text-anchor="middle" fill="${theme.muted}">${tickText(tick, xs)}</text>`,
    ),
    `<path d="M${box.left} ${box.top}V${box.bottom}H${box.right}" fill="none" stroke="${theme.line}"/>`,
  ].join('\n');
}

/** A dotted line at the chance level. @param level as displayed */
function chanceMark(
  level: number,
  { y, theme, score }: Drawing,
  box: { readonly left: number; readonly right: number },
): string {
  const text = `chance ${significantText(level)}${score.unit && ` ${score.unit}`}`;
  return (
    `<path d="M${box.left} ${y(level)}H${box.right}" stroke="${theme.muted}" stroke-dasharray="1.5 3.5"/>` +
    `<text x="${box.right}" y="${y(level) - 4}" text-anchor="end" fill="${theme.muted}" font-size="11">` +
    `${escapeMarkup(text)}</text>`
  );
}

/** Smallest differences that the run tells, under the axis. */
function noteText(
  result: ExperimentResult,
  score: Score,
  theme: Theme,
  left: number,
  height: number,
): string {
  const note = resolutionNote(result, score);
  return note === undefined
    ? ''
    : `<text x="${left}" y="${height - 2}" fill="${theme.muted}" font-size="11">` +
        `${escapeMarkup(note)}</text>`;
}

function legend(theme: Theme, right: number): string {
  const entry = (offset: number, kind: Symmetry): string =>
    `<g transform="translate(${right - offset} 20)">` +
    `<path d="${kindPath(kind, 4.5)}" fill="${theme[kind]}"/>` +
    `<text x="10" y="4" fill="${theme.muted}">${kind}</text></g>`;
  return (
    entry(250, 'symmetric') +
    entry(162, 'asymmetric') +
    entry(66, 'unmixed') +
    `<text x="${right}" y="38" text-anchor="end" fill="${theme.muted}" font-size="11">bars: ` +
    '95 % · ring: tie with the front</text>'
  );
}

/** Around a point that ties with one of the front. */
const ring = ([x, y]: readonly [number, number], theme: Theme): string =>
  `<circle cx="${x}" cy="${y}" r="12" fill="none" stroke="${theme.ring}" stroke-width="1.3"/>`;

/** The step line by ascending x: down then right for a cost that is maximised, right then up otherwise. */
function steps(points: readonly (readonly [number, number])[], better: 'higher' | 'lower'): string {
  const [first, ...others] = points;
  if (!first) return '';
  const corner = ([x, y]: readonly [number, number]): string =>
    better === 'higher' ? `V${y}H${x}` : `H${x}V${y}`;
  return `M${first[0]} ${first[1]}${others.map(corner).join('')}`;
}

function bars(point: FrontPoint, drawing: Drawing): string {
  const {
    x,
    y,
    unit,
    theme,
    result,
    score: { scale: of },
  } = drawing;
  const [cx, cy] = place(point, drawing);
  const colour = theme[result.candidates[point.index]!.symmetry];
  return (
    `<path d="M${x(point.x.low / unit)} ${cy}H${x(point.x.high / unit)}M${cx} ` +
    `${y(point.y.low * of)}V${y(point.y.high * of)}" stroke="${colour}" ` +
    `stroke-opacity="${point.onFront ? 0.75 : 0.35}"/>`
  );
}

function marker(point: FrontPoint, drawing: Drawing): string {
  const { theme, result } = drawing;
  const [cx, cy] = place(point, drawing);
  const candidate = result.candidates[point.index]!;
  const most = result.candidates.reduce((largest, { params }) => Math.max(largest, params), 1);
  const r = Number((3 + 5 * Math.sqrt(candidate.params / most)).toFixed(2));
  const look =
    `fill="${theme[candidate.symmetry]}" fill-opacity="${point.onFront ? 1 : 0.5}" ` +
    `stroke="${theme.background}"`;
  const shape = `transform="translate(${cx} ${cy})" d="${kindPath(candidate.symmetry, r)}"`;
  return `<path ${shape} ${look}><title>${escapeMarkup(candidate.layout)}</title></path>`;
}

/**
 * Layout and strip of each point of the front, moved apart where they would collide; a line leads to the
 * point.
 */
function strips(points: readonly FrontPoint[], drawing: Drawing, box: Box): string {
  const { result, theme, score } = drawing;
  const labels = points
    .filter(({ onFront }) => onFront)
    .sort((a, b) => score.merit(b.y.value) - score.merit(a.y.value))
    .map((point) => {
      const { architecture, layout } = result.candidates[point.index]!;
      const strip = stripShapes(
        architecture.stages.map((stage) => ({
          width: stage.width,
          letters: stage.blocks.map((block) => block.letter),
        })),
        { size: 5, tallest: 9 },
      );
      const [x, y] = place(point, drawing);
      return { x, y, layout, strip, width: Math.max(strip.width, layout.length * 6.6), height: 27 };
    });
  const others = points.map((point) => place(point, drawing)).map(([x, y]) => ({ x, y }));
  const places = placeLabels(labels, { x0: box.left, y0: box.top, x1: box.right, y1: box.bottom }, others);
  return labels
    .map(({ x, y, layout, strip, width, height }, index) => {
      const { left, top, gap } = places[index]!;
      const nearest = [
        Math.min(Math.max(x, left), left + width),
        Math.min(Math.max(y, top), top + height),
      ].map(Math.round);
      const leader =
        gap > nearGap
          ? `<path d="M${x} ${y}L${nearest.join(' ')}" stroke="${theme.muted}" stroke-width="0.7"/>`
          : '';
      const look = { fill: (letter: string) => blockColour(letter, theme), stroke: theme.muted };
      return (
        `<g>${leader}${stripPaths(strip.shapes, look, Math.round(left), Math.round(top + 13))}` +
        `<text x="${Math.round(left)}" y="${Math.round(top + 9)}" font-size="10.5" ` +
        `font-family="${escapeMarkup(fontFamilies.mono)}" fill="${theme.muted}">` +
        `${escapeMarkup(layout)}</text></g>`
      );
    })
    .join('\n');
}
